import { describe, expect, it } from 'vitest';
import { checkRuleSource } from '#server/detection/check-rule-source.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { copyOf, ruleTemplate } from './rule-template.ts';

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
});
