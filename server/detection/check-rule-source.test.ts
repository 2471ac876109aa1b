import { describe, expect, it } from 'vitest';
import { checkRuleSource } from '#server/detection/check-rule-source.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { offeredModifiers } from '#server/detection/read-vocabulary.ts';
import { readFieldKey } from '#server/detection/sigma/field-modifiers.ts';

const source = (more = '', tests = '') => `title: Wires
name: wires
logsource: { product: ai_agent, category: tool_call }
detection:
  selection: { gen_ai.tool.name: wire }
  condition: selection
${more}signalbox:
  tests:
    hits: ${tests === '' ? '[[{ gen_ai.tool.name: wire }]]' : tests}
    misses: [[{ gen_ai.tool.name: read }]]
`;

describe('the check of a rule’s text', () => {
  it('finds nothing to mend in what is shipped', () => {
    for (const text of defaultRules) {
      const check = checkRuleSource(text);
      expect(check).toMatchObject({ problems: [], missing: [] });
      expect(check.tests.every((test) => test.isPassed)).toBe(true);
    }
  });

  it('places what does not compile, and says no more', () => {
    expect(checkRuleSource(source().replace('condition: selection', 'condition: missing'))).toEqual(
      {
        problems: [expect.objectContaining({ code: 'unknown_selection', line: 6 })],
        rule: null,
        advice: [],
        tests: [],
        missing: [],
        unknownFields: [],
      },
    );
    expect(checkRuleSource('').rule).toBeNull();
    expect(checkRuleSource('title: [').problems).toMatchObject([{ code: 'yaml' }]);
  });

  it('runs the tests and tells them apart by their events', () => {
    const check = checkRuleSource(source('', '[[{ gen_ai.tool.name: read }]]'));
    expect(check.tests).toEqual([
      { kind: 'hit', index: 0, isPassed: false, summary: '{"gen_ai.tool.name":"read"}' },
      { kind: 'miss', index: 0, isPassed: true, summary: '{"gen_ai.tool.name":"read"}' },
    ]);
    expect(check.missing).toContain('A test of it fails.');
  });

  it('refuses tests that would make too many events, without running any', () => {
    const flood = `[[${Array.from({ length: 25 }, () => '{ gen_ai.tool.name: wire, $repeat: 1000 }').join(', ')}]]`;
    const check = checkRuleSource(source('', flood));
    expect(check.tests).toEqual([]);
    expect(check.missing).toEqual(
      expect.arrayContaining([expect.stringContaining('20000 events')]),
    );
  });

  it.each([
    ['too few tests', source(), '3 tests under signalbox.tests.hits; it has 1'],
    ['a tag of nothing', source('tags: [atlas.aml.t9999]\n'), 'atlas.aml.t9999'],
    ['no name', source().replace('name: wires\n', ''), 'needs a name'],
  ])('names what lacks: %s', (_name, text, sentence) => {
    expect(checkRuleSource(text).missing.join(' ')).toContain(sentence);
  });

  it('gives advice on a filter that leaves a doubt, with its place, and keeps nothing back for it', () => {
    const filter = `---
title: Not the treasury
logsource: { product: ai_agent, category: tool_call }
filter:
  rules: [wires]
  selection: { agent.slug: treasury }
  condition: selection
`;
    const { problems, advice, missing } = checkRuleSource(source() + filter);
    expect(problems).toEqual([]);
    expect(advice).toMatchObject([{ code: 'ambiguous_filter', line: expect.any(Number) }]);
    expect(missing.join(' ')).not.toContain(advice[0]?.message);
    const idle = filter.replace('[wires]', '[another]');
    expect(checkRuleSource(source() + idle).advice.map(({ code }) => code)).toContain(
      'idle_filter',
    );
    // A tag of nothing is missing already.
    expect(checkRuleSource(source('tags: [atlas.aml.t9999]\n')).advice).toEqual([]);
  });

  it('names fields that stored events cannot tell', () => {
    const text = source().replace('gen_ai.tool.name: wire }', 'agent.stopped: true }');
    expect(checkRuleSource(text).unknownFields).toEqual(['agent.stopped']);
  });
});

describe('modifiers that an editor offers', () => {
  it.each(offeredModifiers)('%s is one', (modifier) => {
    expect(() => readFieldKey(`field|${modifier}`, [])).not.toThrow();
  });
});
