import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { buildPack, detectionsFor } from '#server/detection/rule-pack.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { PreparedEvent, readerOf } from '#server/detection/sigma/prepared-event.ts';

function compile(source: string) {
  const compiled = compileSource(source);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled;
}

const rule = (selection: unknown, condition = 's') =>
  JSON.stringify({
    title: 't',
    logsource: { product: 'ai_agent' },
    detection: { s: selection, t: { g: 'x' }, condition },
  });

/** Keys of the rules asked about an event, by the number of their source. */
function asked(sources: readonly string[], category: string, event: unknown): string[] {
  const pack = buildPack(
    sources.map((source, at) => ({ ruleId: `r${at}`, version: 1, rules: compile(source).rules })),
  );
  const found = detectionsFor(pack, category, new PreparedEvent(readerOf(event)));
  return found.map(({ source }) => source.ruleId);
}

describe('detectionsFor', () => {
  it.each([
    ['a text, however spelled', { f: 'Abc' }, { f: ' ABC ' }, true],
    ['another text', { f: 'abc' }, { f: 'abd' }, false],
    ['one of a list', { f: ['a', 'b'] }, { f: ['x', 'b'] }, true],
    ['none of a list', { f: ['a', 'b'] }, { f: 'c' }, false],
    ['all of a list', { 'f|all': ['a', 'b'] }, { f: ['b', 'a'] }, true],
    ['a number, however spelled', { f: 7 }, { f: '007' }, true],
    ['yes', { f: true }, { f: 'True' }, true],
    ['no', { f: true }, { f: false }, false],
    ['a part that is there', { 'f|contains': 'B' }, { f: 'abc' }, true],
    ['a part that is not', { 'f|contains': 'b' }, { f: 'ac' }, false],
    ['a beginning', { 'f|startswith': 'b' }, { f: 'ab' }, true],
    ['a cased part in another case', { 'f|contains|cased': 'B' }, { f: 'abc' }, true],
    ['a number as a part', { 'f|contains': 5 }, { f: '052' }, true],
    ['a part in another script', { 'f|contains': 'ä' }, { f: 'b' }, true],
    ['a part with a wildcard', { 'f|contains': 'a*b' }, { f: 'c' }, true],
    ['a pattern on a field that is there', { 'f|re': 'a' }, { f: 'b' }, true],
    ['a pattern on a field that is not', { 'f|re': 'a' }, { g: 'b' }, false],
    ['a bound on a field that is not', { 'f|gte': 5 }, {}, false],
    ['a field that has to be there', { 'f|exists': true }, { f: null }, true],
    ['a field that must not be there', { 'f|exists': false }, {}, true],
    ['null', { f: null }, {}, true],
    ['what differs', { 'f|neq': 'a' }, {}, true],
    ['a keyword', ['evil'], { f: 'good' }, true],
    ['an encoding', { 'f|base64': 'a' }, { f: 'x' }, true],
    ['dashes alike', { 'f|windash': '-a' }, { f: '/a' }, true],
  ])('%s: asked or not', (_, selection, event, isAsked) => {
    expect(asked([rule(selection)], 'tool_call', event)).toEqual(isAsked ? ['r0'] : []);
  });

  it.each([
    ['and takes the part that keeps most away', 's and t', { g: 'x' }, false],
    ['or takes both', 's or t', { f: 'a' }, true],
    ['or takes both', 's or t', { g: 'x' }, true],
    ['or keeps away what neither allows', 's or t', { h: 'x' }, false],
    ['not keeps nothing away', 'not s', {}, true],
    ['nor does or with not', 's or not t', {}, true],
    ['and beside not keeps away', 's and not t', {}, false],
  ])('%s', (_, condition, event, isAsked) => {
    const source = rule({ f: 'a', 'event.kind': 'tool_call' }, condition);
    const whole = { 'event.kind': 'tool_call', ...event };
    expect(asked([source], 'tool_call', whole)).toEqual(isAsked ? ['r0'] : []);
  });

  it('asks in the order of the pack, each once', () => {
    const sources = [rule({ 'f|contains': ['a', 'b'] }), rule(['a']), rule({ f: ['a', 'b'] })];
    expect(asked(sources, 'tool_call', { f: ['b', 'a'] })).toEqual(['r0', 'r1', 'r2']);
  });

  it('asks only rules of our product and of the category', () => {
    const of = (logsource: unknown) =>
      JSON.stringify({ ...(JSON.parse(rule({ f: 'a' })) as object), logsource });
    const sources = [
      of({}),
      of({ product: 'windows' }),
      of({ category: 'llm_call' }),
      of({ category: 'tool_call' }),
      of({ product: 'ai_agent', service: 's' }),
    ];
    expect(asked(sources, 'tool_call', { f: 'a' })).toEqual(['r0', 'r3']);
    expect(asked(sources, 'outcome', { f: 'a' })).toEqual(['r0']);
  });

  it('never keeps a shipped rule from an event that it matches', () => {
    const sources = defaultRules.map((source, at) => {
      const { rules, tests } = compile(source);
      return { ruleId: `r${at}`, version: 1, rules, tests };
    });
    const pack = buildPack(sources);
    const events = sources.flatMap(({ tests }) => [...tests.hits, ...tests.misses].flat());
    const drawn = fc.tuple(fc.constantFrom(...events), fc.constantFrom(...events));
    let matched = 0;
    fc.assert(
      // Two events of tests put together have fields of several rules.
      fc.property(drawn, ([one, other]) => {
        const event = { ...other, ...one };
        const told = event['event.kind'];
        const kind = typeof told === 'string' ? told : 'tool_call';
        const prepared = new PreparedEvent(readerOf(event));
        const isAsked = new Set(detectionsFor(pack, kind, prepared).map((item) => item.rule));
        for (const { rules } of sources) {
          for (const item of rules) {
            if (item.kind !== 'detection' || (item.logsource.category ?? kind) !== kind) continue;
            if (!item.matches(prepared)) continue;
            matched += 1;
            expect([item.key, isAsked.has(item)]).toEqual([item.key, true]);
          }
        }
      }),
      { numRuns: 3000 },
    );
    expect(matched).toBeGreaterThan(1000);
  });
});
