import { describe, expect, it } from 'vitest';
import { joinFilters, type RuleText } from '#server/detection/join-filters.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { PreparedEvent, readerOf } from '#server/detection/sigma/prepared-event.ts';

const wireId = '11111111-1111-4111-8111-111111111111';
const mailId = '22222222-2222-4222-8222-222222222222';

const detection = (name: string, id = '', category = 'tool_call') => `title: ${name}
name: ${name}
${id === '' ? '' : `id: ${id}\n`}logsource: { product: ai_agent, category: ${category} }
detection:
  seen: { tool: wire }
  condition: seen
`;
const correlation = (name: string, rules: string) => `title: ${name}
name: ${name}
correlation: { type: event_count, rules: [${rules}], group-by: [user], timespan: 1m, condition: { gte: 2 } }
`;
const rule = (name: string, source = detection(name), isEnabled = true): RuleText => ({
  ruleId: `row-${name}`,
  name,
  source,
  isEnabled,
});
const rules = [
  rule('wire', detection('wire', wireId)),
  rule('mail', detection('mail', mailId)),
  rule('answer', detection('answer', '', 'llm_call')),
  rule('burst', `${correlation('burst', 'call')}---\n${detection('call')}`),
];

const filter = (names: string, more = '', user = 'bob', logsource = '{}') => `title: f
logsource: ${logsource}
filter:
  rules: ${names}
  s: { user: ${user} }
  condition: s
signalbox: { effect: suppress${more} }
`;
const rows = (...sources: readonly string[]) =>
  sources.map((source, index) => ({ ruleId: `filter-${index}`, name: `f${index}`, source }));

/** Of two people, those whom each document still finds under these filters. */
function keptBy(texts: readonly RuleText[], filters: readonly string[]): Record<string, string> {
  const joined = joinFilters(texts, rows(...filters));
  return Object.fromEntries(
    texts.flatMap(({ ruleId, source }) => {
      const compiled = compileSource(source, joined.filtersOf(ruleId));
      if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
      return compiled.rules.flatMap((item) => {
        if (item.kind === 'correlation') return [];
        const kept = ['ann', 'bob'].filter((user) =>
          item.matches(new PreparedEvent(readerOf({ tool: 'wire', user }))),
        );
        return [[`${ruleId} ${item.key}`, kept.join(' ')]];
      });
    }),
  );
}

const all = {
  'row-wire wire': 'ann bob',
  'row-mail mail': 'ann bob',
  'row-answer answer': 'ann bob',
  'row-burst call': 'ann bob',
};
const require = filter('[wire]').replace('effect: suppress', 'effect: require');

describe('filters of their own', () => {
  it.each([
    ['one by name', [filter('[wire]')], { 'row-wire wire': 'ann' }],
    ['one by id', [filter(`[${mailId}]`)], { 'row-mail mail': 'ann' }],
    ['a part of a correlation', [filter('[call]')], { 'row-burst call': 'ann' }],
    ['several', [filter('[wire, mail]')], { 'row-wire wire': 'ann', 'row-mail mail': 'ann' }],
    ['what fits alone', [require], { 'row-wire wire': 'bob' }],
    [
      'any of a log source',
      [filter('any', '', 'bob', '{ product: ai_agent, category: llm_call }')],
      { 'row-answer answer': 'ann' },
    ],
    [
      'any at all',
      [filter('any')],
      Object.fromEntries(Object.keys(all).map((key) => [key, 'ann'])),
    ],
    ['two of them', [filter('[wire]'), filter('[wire]', '', 'ann')], { 'row-wire wire': '' }],
    [
      'two in one source',
      [`${filter('[wire]')}---\n${filter('[mail]', '', 'ann')}`],
      {
        'row-wire wire': 'ann',
        'row-mail mail': 'bob',
      },
    ],
    ['the same two that disagree', [filter('[wire]'), require], { 'row-wire wire': '' }],
    ['nobody', [], {}],
    ['a name that there is not', [filter('[nowhere]')], {}],
    ['a correlation', [filter('[burst]')], {}],
    ['another log source', [filter('[wire]', '', 'bob', '{ category: llm_call }')], {}],
  ])('are put on %s', (_name, filters, changed) => {
    expect(keptBy(rules, filters)).toEqual({ ...all, ...changed });
  });

  it('stand behind the filters of the source itself', () => {
    const own = rule('wire', `${detection('wire')}---\n${filter('[wire]', '', 'ann')}`);
    expect(keptBy([own], [])).toEqual({ 'row-wire wire': 'bob' });
    expect(keptBy([own], [filter('[wire]')])).toEqual({ 'row-wire wire': '' });
    const joined = joinFilters([own], rows(filter('[wire]')));
    const compiled = compileSource(own.source, joined.filtersOf(own.ruleId));
    expect(compiled.ok && compiled.main).toMatchObject({
      condition: '(seen) and not (s) and not (s)',
      fields: ['tool', 'user'],
    });
  });

  it.each([
    ['nowhere', rules, /^No rule that runs/],
    ['burst', rules, /several events.*\(call\)/],
    ['answer', rules, /another log source/],
    [
      'call',
      [...rules, rule('second', `${correlation('second', 'call')}---\n${detection('call')}`)],
      /in several rules \(burst, second\)/,
    ],
  ])('say why %s is not reached', (name, texts, reason) => {
    const text = filter(`[${name}, wire]`, '', 'bob', '{ category: tool_call }');
    const joined = joinFilters(texts, rows(text));
    expect(joined.reachOf('filter-0')).toEqual({
      shapes: [{ ruleId: 'row-wire', parts: ['wire'] }],
      unfound: [{ name, reason: expect.stringMatching(reason) }],
    });
    const changed = { 'row-wire wire': 'ann' };
    expect(keptBy(texts, [text])).toMatchObject({ ...all, ...changed });
  });

  it('say of "any" too when there is none', () => {
    const text = filter('any', '', 'bob', '{ category: spawn }');
    expect(joinFilters(rules, rows(text)).reachOf('filter-0')).toMatchObject({
      shapes: [],
      unfound: [{ name: 'any' }],
    });
  });

  it.each([
    [
      'what alerts before what is in the shadow',
      rule('call', detection('call'), false),
      'row-burst',
    ],
    ['what gives its source the name before a part', rule('call'), 'row-call'],
  ])('mean %s', (_name, second, ruleId) => {
    const joined = joinFilters([...rules, second], rows(filter('[call]')));
    expect(joined.reachOf('filter-0')).toEqual({
      shapes: [{ ruleId, parts: ['call'] }],
      unfound: [],
    });
  });

  it('are put on a change in the shadow as on what runs', () => {
    const changed = { ...rule('wire', detection('wire').replace('seen', 'found'), false) };
    const joined = joinFilters([rules[0] ?? changed, changed], rows(filter('[wire]')));
    expect(joined.reachOf('filter-0').shapes).toEqual([{ ruleId: 'row-wire', parts: ['wire'] }]);
    expect(joined.shapersOf('row-wire')).toEqual(['filter-0']);
    expect(joined.shapersOf('row-mail')).toEqual([]);
  });

  it.each([
    ['a broken selection', filter('[wire]').replace('condition: s', 'condition: t')],
    [
      'a doubt about the effect',
      filter('[wire]')
        .replace('condition: s', 'condition: not s')
        .replace(/signalbox.*\n/, ''),
    ],
    ['a rule among them', `${filter('[wire]')}---\n${detection('wire')}`],
    ['a name twice', `${filter('[wire]')}name: x\n---\n${filter('[mail]')}name: x\n`],
  ])('filter nothing with %s', (_name, text) => {
    expect(joinFilters(rules, rows(text)).broken).toMatchObject([{ ruleId: 'filter-0' }]);
    expect(keptBy(rules, [text])).toEqual(all);
  });
});
