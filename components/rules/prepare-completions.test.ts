import { describe, expect, it } from 'vitest';
import type { RuleVocabulary } from '#server/detection/contract.ts';
import { prepareCompletions } from './prepare-completions.ts';

const words: RuleVocabulary = {
  fields: ['agent.slug', 'gen_ai.tool.name'],
  modifiers: ['contains', 're'],
  tags: [{ tag: 'owasp.asi01', label: 'ASI01', title: 'Agent Goal Hijack' }],
  categories: ['tool_call', 'action'],
};

describe('what an editor offers', () => {
  it.each<[string, string[], number | null, string[]]>([
    ['keys at the margin', ['ti'], 0, ['title']],
    [
      'fields inside a detection',
      ['detection:', '  selection:', '    gen_ai.to'],
      4,
      ['gen_ai.tool.name'],
    ],
    ['fields in a list of maps', ['detection:', '  a:', '    - agent.'], 6, ['agent.slug']],
    ['fields inside a test', ['  hits:', '    - [{ agent.s'], 9, ['agent.slug']],
    ['modifiers behind the bar', ['    gen_ai.tool.name|con'], 21, ['contains']],
    ['a second modifier', ['    a|contains|'], 15, ['re']],
    ['tags in a list', ['tags:', '  - owasp.'], 4, ['owasp.asi01']],
    ['tags in brackets', ['tags: [owasp.asi01, ow'], 20, ['owasp.asi01']],
    ['severities', ['level: hi'], 7, ['high']],
    ['effects of a filter', ['signalbox:', '  effect: '], 10, ['suppress', 'require']],
    ['categories', ['logsource: { product: ai_agent, category: to'], 42, ['tool_call']],
    ['nothing for free text', ['title: Payments'], null, []],
  ])('%s', (_name, lines, from, labels) => {
    const found = prepareCompletions(lines, words);
    expect(found?.from ?? null).toBe(from);
    expect(found?.options.map((option) => option.label) ?? []).toEqual(
      expect.arrayContaining(labels),
    );
  });
});
