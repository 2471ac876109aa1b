import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { parseSource } from '#server/detection/sigma/parse-source.ts';

/**
 * What we accept as a document, against the JSON schemas that the Sigma project publishes (public
 * domain, version 2.1.0): everything that they refuse we refuse, and where we refuse or accept more
 * is written down here.
 */
const folder = path.join(import.meta.dirname, 'schemas');
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const validators = {
  detection: compileSchema('sigma-detection-rule-schema.json'),
  correlation: compileSchema('sigma-correlation-rules-schema.json'),
  filter: compileSchema('sigma-filters-schema.json'),
};
type Kind = keyof typeof validators;

function compileSchema(name: string) {
  const { $schema: _dialect, ...schema } = JSON.parse(
    readFileSync(path.join(folder, name), 'utf8'),
  ) as Record<string, unknown>;
  return ajv.compile(schema);
}

/** Rules for a correlation or a filter to refer to. */
const others = ['rule_a', 'rule_b', 'x', 'xy'].map((name) => ({
  title: name,
  name,
  logsource: {},
  detection: { selection: { f: 'a' }, condition: 'selection' },
}));

function isOurs(kind: Kind, document: unknown): boolean {
  const documents = kind === 'detection' ? [document] : [document, ...others];
  return compileSource(documents.map((item) => JSON.stringify(item)).join('\n---\n')).ok;
}

const detection = {
  title: 'Rule',
  id: '5638f7c0-ac70-491d-8465-2a65075e0d86',
  name: 'rule',
  status: 'test',
  level: 'high',
  description: 'd',
  license: 'MIT',
  author: 'a',
  taxonomy: 'sigma',
  date: '2026-01-31',
  modified: '2026-02-01',
  references: ['r'],
  related: [{ id: '5638f7c0-ac70-491d-8465-2a65075e0d87', type: 'derived' }],
  tags: ['attack.t1059'],
  fields: ['f'],
  falsepositives: ['none'],
  scope: ['server'],
  logsource: { category: 'c', product: 'p', service: 's', definition: 'd' },
  detection: { selection: { field: 'a' }, words: ['one', 2, { f: 'a' }], condition: 'selection' },
};
const correlation = {
  title: 'Correlation',
  id: '5638f7c0-ac70-491d-8465-2a65075e0d86',
  status: 'test',
  description: 'd',
  author: 'a',
  taxonomy: 'sigma',
  date: '2026-01-31',
  modified: '2026-02-01',
  references: ['r'],
  level: 'low',
  falsepositives: ['none'],
  generate: true,
  correlation: {
    type: 'value_count',
    rules: ['rule_a', 'rule_b'],
    'group-by': ['user'],
    timespan: '5m',
    condition: { field: 'f', gte: 3 },
    aliases: { user: { rule_a: 'u', rule_b: 'v' } },
  },
};
const filter = {
  title: 'Filter',
  id: '5638f7c0-ac70-491d-8465-2a65075e0d86',
  description: 'd',
  taxonomy: 'sigma',
  date: '2026-01-31',
  modified: '2026-02-01',
  logsource: { category: 'c' },
  filter: { rules: ['rule_a'], selection: { user: 'a' }, condition: 'selection' },
};
const whole: Record<Kind, object> = { detection, correlation, filter };

const odd = [
  null,
  7,
  true,
  '',
  'x',
  'xy',
  'selection',
  ['selection'],
  [],
  ['x'],
  ['x', 'x'],
  ['xy', 'xy'],
  ['xy'],
  {},
  { x: 'y' },
];

/** Every document that comes of one valid one by leaving a part out, or putting something odd there. */
function variantsOf(document: unknown): { readonly what: string; readonly variant: unknown }[] {
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) => {
    const replaced = (part: unknown) =>
      Array.isArray(document) ? document.with(Number(key), part) : { ...document, [key]: part };
    const { [key]: _gone, ...without } = document as Record<string, unknown>;
    const left = Array.isArray(document) ? [] : [{ what: `without ${key}`, variant: without }];
    return [
      ...left,
      ...odd.map((part) => ({
        what: `${key}: ${JSON.stringify(part)}`,
        variant: replaced(part),
      })),
      ...variantsOf(value).map(({ what, variant }) => ({
        what: `${key}.${what}`,
        variant: replaced(variant),
      })),
    ];
  });
}

/** Documents that the schemas refuse and we read, each with its reason. */
const wider: Record<Kind, readonly RegExp[]> = {
  detection: [
    // The specification's text takes a list of conditions, its schema does not.
    /^detection\.condition: \["/,
    // One false positive as a text, as the schema of correlations has it.
    /^falsepositives: "/,
    // A keyword alone need not be a list of one; yes and no are values like others in a list.
    /^detection\.(selection|words): (7|true|")/,
    /^detection\.words\.\d: true$/,
  ],
  correlation: [],
  filter: [/^filter\.condition: \["/, /^filter\.selection: (7|true|")/],
};

describe('documents against the published schemas', () => {
  it.each(['detection', 'correlation', 'filter'] as const)('%s', (kind) => {
    const validate = validators[kind];
    expect(validate(whole[kind])).toBe(true);
    expect(isOurs(kind, whole[kind])).toBe(true);
    const variants = variantsOf(whole[kind]);
    expect(variants.length).toBeGreaterThan(150);
    const tooWide = variants
      .filter(({ variant }) => !validate(variant) && isOurs(kind, variant))
      .map(({ what }) => what);
    const isKnown = (what: string) => wider[kind].some((known) => known.test(what));
    expect(tooWide.filter((what) => !isKnown(what))).toEqual([]);
    expect(wider[kind].filter((known) => !tooWide.some((what) => known.test(what)))).toEqual([]);
  });

  it('take the shipped rules, with our extension', () => {
    const refused = defaultRules.flatMap((source) =>
      parseAllDocuments(source).flatMap((document) => {
        const value: unknown = document.toJS();
        const kind =
          typeof value === 'object' && value !== null && 'correlation' in value
            ? 'correlation'
            : 'detection';
        return validators[kind](value) ? [] : [validators[kind].errors];
      }),
    );
    expect(refused).toEqual([]);
  });
});

const root = process.env['SIGNALBOX_TESTDATA'];

describe.skipIf(root === undefined)('the Sigma project’s own documents', () => {
  const spec = path.join(root ?? '', 'sigma', 'spec');
  const read = (...parts: string[]) => readFileSync(path.join(spec, ...parts), 'utf8');

  it('publish the schemas that are here', () => {
    for (const name of readdirSync(path.join(spec, 'json-schema'))) {
      expect(readFileSync(path.join(folder, name), 'utf8')).toBe(read('json-schema', name));
    }
  });

  it.each([
    ['rules', 'detection'],
    ['correlation', 'correlation'],
    ['filter', 'filter'],
  ] as const)('fixtures of %s pass both', (name, kind) => {
    const files = readdirSync(path.join(spec, 'tests', 'schema', name));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const text = read('tests', 'schema', name, file);
      expect(parseSource(text).problems).toEqual([]);
      for (const document of parseAllDocuments(text)) {
        expect(validators[kind](document.toJS())).toBe(true);
      }
    }
  });

  it('all 150 rules pass both', () => {
    const rules = path.join(root ?? '', 'sigma', 'rules');
    const files = readdirSync(rules).filter((name) => name.endsWith('.yml'));
    expect(files).toHaveLength(150);
    for (const file of files) {
      const text = readFileSync(path.join(rules, file), 'utf8');
      expect([file, parseSource(text).problems]).toEqual([file, []]);
      for (const document of parseAllDocuments(text)) {
        expect([file, validators.detection(document.toJS())]).toEqual([file, true]);
      }
    }
  });
});
