import { describe, expect, it } from 'vitest';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { PreparedEvent, readerOf } from '#server/detection/sigma/prepared-event.ts';

const base = (name: string) => `title: ${name}
name: ${name}
logsource: { category: tool_call, product: ai_agent }
detection:
  s: { f: ${name} }
  condition: s
`;

const correlation = (name: string, rules: readonly string[], more = '') => `title: ${name}
name: ${name}
correlation:
  type: temporal
  rules: [${rules.join(', ')}]
  group-by: [user]
  timespan: 5m
${more}`;

function source(...documents: readonly string[]): string {
  return documents.join('---\n');
}

describe('compileSource', () => {
  it('reads a rule’s head', () => {
    const result = compileSource(
      `${base('a')}level: high\nstatus: stable\ndescription: d\ntags: [owasp.asi01]\nfalsepositives: [none]\n`,
    );
    expect(result).toMatchObject({
      ok: true,
      main: {
        kind: 'detection',
        key: 'a',
        title: 'a',
        severity: 'high',
        status: 'stable',
        tags: ['owasp.asi01'],
        falsePositives: ['none'],
        isAlerting: true,
        response: null,
        groupBy: ['agent.slug', 'trace.id'],
        logsource: { category: 'tool_call', product: 'ai_agent' },
      },
    });
  });

  it('names the correlation as main and keeps its parts silent', () => {
    const result = compileSource(source(base('a'), base('b'), correlation('c', ['a', 'b'])));
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.main.key).toBe('c');
    expect(result.rules.map((rule) => [rule.key, rule.isAlerting])).toEqual([
      ['a', false],
      ['b', false],
      ['c', true],
    ]);
  });

  it('lets parts alert too under "generate"', () => {
    const result = compileSource(
      source(base('a'), base('b'), correlation('c', ['a', 'b'], '  generate: true\n')),
    );
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.rules.every((rule) => rule.isAlerting)).toBe(true);
  });

  it('orders a chain inside out and tells inner correlations what outer ones will ask', () => {
    const outer = correlation('outer', ['inner', 'b']).replace('[user]', '[user, host]');
    const result = compileSource(source(outer, correlation('inner', ['a']), base('a'), base('b')));
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.rules.map((rule) => rule.key)).toEqual(['a', 'inner', 'b', 'outer']);
    const inner = result.rules.find((rule) => rule.key === 'inner');
    expect(inner).toMatchObject({ carriedFields: ['user', 'host'], isAlerting: false });
  });

  it('resolves aliases by name and by id', () => {
    const id = '53ba33fd-3a50-4468-a5ef-c583635cfa92';
    const withAliases = correlation(
      'c',
      ['a', id],
      `  aliases:\n    user:\n      a: src\n      ${id}: dst\n`,
    );
    const second = base('b').replace('name: b', `id: ${id}`);
    const result = compileSource(source(base('a'), second, withAliases));
    if (!result.ok || result.main.kind !== 'correlation') throw new Error(JSON.stringify(result));
    expect(result.main.plan.groupFields).toEqual([['src'], ['dst']]);
  });

  it('takes a list of conditions as alternatives', () => {
    const result = compileSource(
      base('a').replace('  condition: s\n', '  t: { f: z }\n  condition: [s, t]\n'),
    );
    if (!result.ok || result.main.kind !== 'detection') throw new Error(JSON.stringify(result));
    const { matches } = result.main;
    expect(['a', 'z', 'q'].map((f) => matches(new PreparedEvent(readerOf({ f }))))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('reads a rule’s own tests', () => {
    const result = compileSource(
      `${base('a')}signalbox:\n  tests:\n    hits: [[{ f: a }]]\n    misses: [[{ f: b }]]\n`,
    );
    expect(result).toMatchObject({
      ok: true,
      tests: { hits: [[{ f: 'a' }]], misses: [[{ f: 'b' }]] },
    });
  });
});

type Fault = readonly [what: string, text: string, code: string, line: number | null];

const faults: readonly Fault[] = [
  ['nothing', '', 'shape', null],
  ['a list', '- a\n- b\n', 'shape', 1],
  ['no kind', 'title: t\n', 'shape', 1],
  ['a duplicate key', `${base('a')}title: again\n`, 'yaml', 7],
  ['broken YAML', 'title: [a\n', 'yaml', 2],
  ['a missing title', base('a').replace('title: a\n', ''), 'shape', 1],
  ['a level that is none', `${base('a')}level: severe\n`, 'shape', 7],
  ['a tag without a namespace', `${base('a')}tags: [x]\n`, 'shape', 7],
  ['no condition', base('a').replace('  condition: s\n', ''), 'shape', 4],
  [
    'an unknown selection',
    base('a').replace('condition: s', 'condition: x'),
    'unknown_selection',
    6,
  ],
  ['an unknown modifier', base('a').replace('{ f:', '{ f|like:'), 'unknown_modifier', 5],
  [
    'a legacy window',
    base('a').replace('  condition', '  timeframe: 5m\n  condition'),
    'unsupported',
    6,
  ],
  [
    'a fault in the second',
    source(base('a'), base('b').replace('{ f:', '{ f|x:')),
    'unknown_modifier',
    12,
  ],
  ['an unknown rule', correlation('c', ['nowhere']), 'unknown_rule', 5],
  ['a rule twice', source(base('a'), base('a')), 'duplicate_name', 9],
  ['itself', correlation('c', ['c']), 'cycle', 5],
  ['a cycle', source(correlation('c', ['d']), correlation('d', ['c'])), 'cycle', 13],
  ['a bad timespan', correlation('c', ['a']).replace('5m', '5 minutes'), 'shape', 7],
  [
    'a vast timespan',
    source(base('a'), correlation('c', ['a']).replace('5m', '31d')),
    'too_large',
    14,
  ],
  [
    'an alias of no rule',
    source(base('a'), correlation('c', ['a'], '  aliases: { u: { z: f } }\n')),
    'unknown_rule',
    15,
  ],
  [
    'a count without bound',
    source(base('a'), correlation('c', ['a']).replace('temporal', 'event_count')),
    'shape',
    10,
  ],
  [
    'a percentile of a count',
    source(base('a'), correlation('c', ['a'], '  condition: { gte: 1, percentile: 5 }\n')),
    'shape',
    15,
  ],
  [
    'only filters',
    'title: f\nlogsource: {}\nfilter: { rules: any, s: { f: a }, condition: s }\n',
    'shape',
    1,
  ],
  ['nesting beyond reason', `title: ${'['.repeat(20_000)}`, 'too_large', 1],
  ['a source too long', `title: ${'a'.repeat(70_000)}`, 'too_large', null],
  ['too many values', `${base('a')}x: [${'1,'.repeat(20_000)}1]`, 'too_large', 1],
  ['too many levels', `${base('a')}x: ${'['.repeat(30)}${']'.repeat(30)}`, 'too_large', 1],
  ['aliases that multiply', `a: &a [1]\nb: &b [${'*a,'.repeat(40)}*a]\ndetection: *b\n`, 'yaml', 1],
];

describe('problems', () => {
  it.each(faults)('%s', (_, text, code, line) => {
    const result = compileSource(text);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.problems[0]).toMatchObject({ code, line });
  });

  it('reports every fault at once, each once', () => {
    const bad = (name: string) => base(name).replace('{ f:', '{ f|x:');
    const result = compileSource(source(bad('a'), bad('b'), correlation('c', ['a', 'b'])));
    expect(result.ok ? [] : result.problems.map((problem) => problem.document)).toEqual([0, 1]);
  });
});

describe('filters', () => {
  const filter = (condition: string, more = '', rules = '[a]', logsource = '{}') => `title: f
logsource: ${logsource}
filter:
  rules: ${rules}
  selection: { user|startswith: adm_ }
  condition: ${condition}
${more}`;
  const effect = (name: string) => `signalbox: { effect: ${name} }\n`;

  function compile(...documents: readonly string[]) {
    const result = compileSource(source(...documents));
    if (!result.ok || result.main.kind !== 'detection') throw new Error(JSON.stringify(result));
    const { main, advice } = result;
    const kept = ['bob', 'ADM_bob'].filter((user) =>
      main.matches(new PreparedEvent(readerOf({ f: 'a', user }))),
    );
    return { kept, condition: main.condition, advice: advice.map(({ code }) => code) };
  }

  it.each([
    [
      'leave out what fits, as in the specification’s example, and are told to say so',
      filter('selection'),
      { kept: ['bob'], condition: '(s) and not (selection)', advice: ['ambiguous_filter'] },
    ],
    [
      'leave out what fits when they say so',
      filter('selection', effect('suppress')),
      { kept: ['bob'], condition: '(s) and not (selection)', advice: [] },
    ],
    [
      'keep what fits alone when they say so',
      filter('not selection', effect('require')),
      { kept: ['bob'], condition: '(s) and (not selection)', advice: [] },
    ],
    [
      'may leave out what does not fit',
      filter('not selection', effect('suppress')),
      { kept: ['ADM_bob'], condition: '(s) and not (not selection)', advice: [] },
    ],
    [
      'for every rule',
      filter('selection', effect('suppress'), 'any'),
      { kept: ['bob'], condition: '(s) and not (selection)', advice: [] },
    ],
    [
      'for another log source do nothing, and are told so',
      filter('selection', effect('suppress'), '[a]', '{ category: llm_call }'),
      { kept: ['bob', 'ADM_bob'], condition: 's', advice: ['idle_filter'] },
    ],
    [
      'for a rule that is not here do nothing, and are told so',
      filter('selection', effect('suppress'), '[b]'),
      { kept: ['bob', 'ADM_bob'], condition: 's', advice: ['idle_filter'] },
    ],
  ])('%s', (_, text, expected) => {
    expect(compile(base('a'), text)).toEqual(expected);
  });

  it('add up', () => {
    const other = filter('selection', effect('suppress')).replace('adm_', 'b');
    const { kept, condition } = compile(base('a'), filter('selection'), other);
    expect(kept).toEqual([]);
    expect(condition).toBe('(s) and not (selection) and not (selection)');
  });

  it.each([
    ['a "not" without a word on its effect', filter('not selection'), 'ambiguous_filter'],
    ['the same in parentheses', filter("'( not selection )'"), 'ambiguous_filter'],
    ['an effect that there is not', filter('selection', effect('drop')), 'shape'],
    ['a correlation', filter('selection', effect('suppress'), '[c]'), 'unsupported'],
    ['its own broken selection', filter('other', effect('suppress')), 'unknown_selection'],
  ])('refuse %s', (_, text, code) => {
    const result = compileSource(source(base('a'), correlation('c', ['a']), text));
    expect(result.ok ? null : result.problems[0]).toMatchObject({ code, document: 2 });
  });

  it('have placeholders of their own', () => {
    const own = `signalbox: { effect: suppress, placeholders: { start: [adm_] } }\n`;
    const text = filter('selection', own).replace(
      'user|startswith: adm_',
      'user|startswith|expand: "%start%"',
    );
    expect(compile(base('a'), text).kept).toEqual(['bob']);
  });
});

describe('advice', () => {
  it('names labels that are in no list', () => {
    const result = compileSource(`${base('a')}tags: [owasp.asi01, owasp.asi11, attack.t1059]\n`);
    expect(result.ok ? result.advice : null).toMatchObject([
      { code: 'unknown_label', document: 0, path: ['tags'], line: 7 },
    ]);
  });
});

describe('the condition written out', () => {
  it.each([
    ['1 of s*', 's or s2'],
    ['all of them and not t', 's and s2 and t and not t'],
    ['not (s or t) or s2', 'not (s or t) or s2'],
    ['(s or t) and s2', '(s or t) and s2'],
    ['[s, t and s2]', 's or (t and s2)'],
  ])('%s', (condition, expected) => {
    const text = base('a').replace(
      '  condition: s\n',
      `  s2: { f: b }\n  t: { f: c }\n  condition: ${condition}\n`,
    );
    const result = compileSource(text);
    expect(result.ok && result.main.kind === 'detection' ? result.main.condition : result).toBe(
      expected,
    );
  });
});
