import { describe, expect, it } from 'vitest';
import { ruleNameSchema } from '#server/detection/contract.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { eventFields } from '#server/detection/event-fields.ts';
import { runRuleTests } from '#server/detection/run-rule-tests.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { labelsOf, unknownTags } from '#server/detection/taxonomies.ts';

function compile(source: string) {
  const result = compileSource(source);
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result;
}

describe('default rules', () => {
  const compiled = defaultRules.map(compile);

  it('are thirty or more, and leave nothing to advise', () => {
    expect(compiled.length).toBeGreaterThanOrEqual(30);
    expect(compiled.flatMap(({ advice }) => advice)).toEqual([]);
  });

  it('read only fields that events have', () => {
    // What an event's data names, what the hold tells, and the whole event.
    const known = [
      ...Object.keys(eventFields),
      'data.rows',
      'data.resource',
      'action.problem',
      '*',
    ];
    const read = compiled.flatMap(({ rules }) =>
      rules.flatMap((rule) => (rule.kind === 'detection' ? [...rule.fields, ...rule.groupBy] : [])),
    );
    expect(read.filter((field) => !known.includes(field))).toEqual([]);
  });

  it('have names of their own', () => {
    const names = compiled.map(({ main }) => main.key);
    expect(new Set(names).size).toBe(defaultRules.length);
    for (const name of names) expect(ruleNameSchema.safeParse(name).success).toBe(true);
  });

  it.each(compiled.map((item) => [item.main.key, item] as const))(
    '%s says what it is and passes its own tests',
    (_, { rules, main, tests }) => {
      expect(main.description.length).toBeGreaterThan(60);
      expect(main.falsePositives.length).toBeGreaterThan(0);
      expect(labelsOf(main.tags).length).toBe(main.tags.length);
      expect(unknownTags(main.tags)).toEqual([]);
      expect(tests.hits.length).toBeGreaterThanOrEqual(3);
      expect(tests.misses.length).toBeGreaterThanOrEqual(3);
      const failed = runRuleTests(rules, main, tests).filter((result) => !result.isPassed);
      expect(failed).toEqual([]);
    },
  );

  it('tell signatures from a classifier', () => {
    const rule = compiled.find(({ main }) => main.key === 'injected-instructions');
    expect(rule?.main.description).toContain('signatures, not by a classifier');
  });
});
