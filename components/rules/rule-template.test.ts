import { describe, expect, it } from 'vitest';
import { checkRuleSource } from '#server/detection/check-rule-source.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { joinFilters } from '#server/detection/join-filters.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { copyOf, filterOf, ruleTemplate } from './rule-template.ts';

describe('a text to begin with', () => {
  it('could be approved as it is', () => {
    expect(checkRuleSource(ruleTemplate)).toMatchObject({ problems: [], missing: [] });
  });

  it.each(defaultRules.map((source) => [source.match(/^name: (.*)$/m)?.[1] ?? '', source]))(
    'is a copy of %s under another name',
    (name, source) => {
      const copied = compileSource(copyOf(source, name));
      expect(copied.ok && copied.main.key).toBe(`${name}-copy`);
      expect(copied.ok && copied.main.title).toMatch(/\(copy\)$/);
      expect(checkRuleSource(copyOf(source, name)).missing).toEqual([]);
    },
  );

  it.each(defaultRules.map((source) => [source.match(/^name: (.*)$/m)?.[1] ?? '', source]))(
    'is a filter that reaches every part of %s',
    (name, source) => {
      const text = filterOf(source, name);
      expect(checkRuleSource(text)).toMatchObject({
        problems: [],
        missing: [],
        rule: { kind: 'filter', name: `${name}-noise` },
      });
      const compiled = compileSource(source);
      const parts = compiled.ok ? compiled.rules.filter(({ kind }) => kind === 'detection') : [];
      const reach = joinFilters(
        [{ ruleId: 'r', name, source, isEnabled: true }],
        [{ ruleId: 'f', name: 'f', source: text }],
      ).reachOf('f');
      expect(reach.unfound).toEqual([]);
      expect(reach.shapes[0]?.parts).toHaveLength(parts.length);
    },
  );
});
