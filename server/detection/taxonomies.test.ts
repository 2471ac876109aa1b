import { describe, expect, it } from 'vitest';
import { labelsOf, taxonomies, titleOfLabel, unknownTags } from '#server/detection/taxonomies.ts';

describe('labels', () => {
  it.each([
    ['owasp.asi01', 'ASI01', 'Agent Goal Hijack'],
    ['owasp-llm2026.llm03', 'LLM03:2026', 'Excessive Agency'],
    ['atlas.aml.t0051.001', 'AML.T0051.001', 'LLM Prompt Injection: Indirect'],
  ])('%s is %s', (tag, label, title) => {
    expect(labelsOf([tag])).toEqual([label]);
    expect(titleOfLabel(label)).toBe(title);
    expect(unknownTags([tag])).toEqual([]);
  });

  it('knows its own namespaces and leaves the rest alone', () => {
    const tags = ['attack.t1059', 'owasp.asi11', 'owasp-llm2026.llm11', 'atlas.aml.t9999'];
    expect(labelsOf(tags)).toEqual([]);
    expect(unknownTags(tags)).toEqual(tags.slice(1));
    expect(titleOfLabel('constructor')).toBeNull();
  });

  it('has ten risks in each OWASP list', () => {
    const counts = taxonomies.map(({ scheme, entries }) => [scheme, Object.keys(entries).length]);
    expect(counts).toEqual([
      ['OWASP Agentic', 10],
      ['OWASP LLM', 10],
      ['MITRE ATLAS', 43],
    ]);
  });
});
