import { limits } from '#server/kernel/limits.ts';
import { compileField, type Test } from '#server/detection/sigma/compile-field.ts';
import { readFieldKey } from '#server/detection/sigma/field-modifiers.ts';
import {
  parseCondition,
  printCondition,
  type Condition,
} from '#server/detection/sigma/parse-condition.ts';
import type { PreparedEvent, Scalar } from '#server/detection/sigma/prepared-event.ts';
import type { Placeholders } from '#server/detection/sigma/rule-documents.ts';
import { guardsOfAll, guardsOfAny, type Guards } from '#server/detection/sigma/rule-guard.ts';
import { RuleFault, type RulePath } from '#server/detection/sigma/rule-fault.ts';

/** Whether one event fits. The event is prepared once and shared by every rule. */
export type Predicate = (event: PreparedEvent) => boolean;

export interface CompiledDetection {
  readonly matches: Predicate;
  /** Names of all fields that any selection reads. */
  readonly fields: readonly string[];
  /** What keeps events away from it, see `rule-guard.ts`. */
  readonly guards: Guards;
  /** The condition with "of" and lists written out: what really runs, for a person to check. */
  readonly condition: string;
}

/**
 * Compiles the `detection` part of a rule (or the selections of a filter): selections by name and
 * one condition or a list of alternatives.
 * @throws RuleFault any code of the compiler
 */
export function compileDetection(
  detection: Readonly<Record<string, unknown>>,
  path: RulePath,
  placeholders: Placeholders = {},
): CompiledDetection {
  const { condition, ...selections } = detection;
  if ('timeframe' in selections) {
    throw new RuleFault(
      'unsupported',
      [...path, 'timeframe'],
      '"timeframe" left Sigma: put the window into a correlation.',
    );
  }
  const tests = new Map<string, Test>();
  for (const [name, selection] of Object.entries(selections)) {
    tests.set(name, compileSelection(selection, [...path, name], placeholders));
  }
  const names = [...tests.keys()];
  const texts = Array.isArray(condition) ? (condition as unknown[]) : [condition];
  const alternatives = texts.map((text, index) => {
    const at = Array.isArray(condition) ? [...path, 'condition', index] : [...path, 'condition'];
    if (typeof text !== 'string') throw new RuleFault('shape', at, 'A condition is text.');
    return parseCondition(text, names, at);
  });
  const whole: Condition =
    alternatives.length === 1 && alternatives[0] !== undefined
      ? alternatives[0]
      : { kind: 'or', items: alternatives };
  const { run, fields, guards } = compileCondition(whole, tests);
  const written = printCondition(whole);
  return { matches: run, fields: [...new Set(fields)], guards, condition: written };
}

/** Joins tests, the cheapest first; order cannot change the answer, only when it is known. */
function combine(kind: 'and' | 'or', tests: readonly Test[]): Test {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  const ordered = tests.toSorted((a, b) => a.cost - b.cost);
  const cost = tests.reduce((sum, test) => sum + test.cost, 0);
  const fields = tests.flatMap((test) => test.fields);
  const guards = (kind === 'or' ? guardsOfAny : guardsOfAll)(tests.map((test) => test.guards));
  if (kind === 'or') {
    return { cost, fields, guards, run: (event) => ordered.some((test) => test.run(event)) };
  }
  return { cost, fields, guards, run: (event) => ordered.every((test) => test.run(event)) };
}

const nothing: Test = { cost: 0, fields: [], guards: [], run: () => false };

function compileCondition(condition: Condition, tests: ReadonlyMap<string, Test>): Test {
  switch (condition.kind) {
    case 'selection':
      return tests.get(condition.name) ?? nothing;
    case 'not': {
      const inner = compileCondition(condition.item, tests);
      return { ...inner, guards: null, run: (event) => !inner.run(event) };
    }
    case 'and':
    case 'or':
      return combine(
        condition.kind,
        condition.items.map((item) => compileCondition(item, tests)),
      );
  }
}

/** A map is "and"; a list is "or" over maps and keywords. */
function compileSelection(selection: unknown, path: RulePath, placeholders: Placeholders): Test {
  if (Array.isArray(selection)) {
    const items = selection as unknown[];
    if (items.length === 0) throw new RuleFault('shape', path, 'This selection is empty.');
    const tests = items.map((item, index) => compileListItem(item, [...path, index], placeholders));
    return combine('or', tests);
  }
  if (isMap(selection)) return compileMap(selection, path, placeholders);
  return compileListItem(selection, path, placeholders);
}

function compileListItem(item: unknown, path: RulePath, placeholders: Placeholders): Test {
  if (isMap(item)) return compileMap(item, path, placeholders);
  if (!isScalar(item)) throw new RuleFault('shape', path, 'Expected a map, a text or a number.');
  return compileField(readFieldKey('', path), [item], false, path, placeholders);
}

function compileMap(
  map: Readonly<Record<string, unknown>>,
  path: RulePath,
  placeholders: Placeholders,
): Test {
  const entries = Object.entries(map);
  if (entries.length === 0) throw new RuleFault('shape', path, 'This selection is empty.');
  return combine(
    'and',
    entries.map(([key, value]) => compileEntry(key, value, [...path, key], placeholders)),
  );
}

function compileEntry(
  key: string,
  value: unknown,
  path: RulePath,
  placeholders: Placeholders,
): Test {
  const plan = readFieldKey(key, path);
  const isList = Array.isArray(value);
  const values = isList ? (value as unknown[]) : [value];
  if (values.length === 0) throw new RuleFault('shape', path, 'This list of values is empty.');
  if (values.length > limits.ruleNodesMax) {
    throw new RuleFault('too_large', path, `At most ${limits.ruleNodesMax} values.`);
  }
  const scalars = values.map((item, index): Scalar | null => {
    if (item === null || isScalar(item)) return item;
    throw new RuleFault('shape', isList ? [...path, index] : path, 'Expected a plain value.');
  });
  return compileField(plan, scalars, isList, path, placeholders);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
