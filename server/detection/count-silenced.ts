import type { FilteredTests } from '#server/detection/contract.ts';
import { runRuleTests, TooManyTestEvents } from '#server/detection/run-rule-tests.ts';
import type { CompileResult } from '#server/detection/sigma/compile-source.ts';

/**
 * Runs those of a rule's own tests that must fire, over its form with filters put on: how many do
 * not any more. Null where the tests are too long to be run.
 */
export function countSilenced({
  rules,
  main,
  tests,
}: Extract<CompileResult, { ok: true }>): FilteredTests | null {
  try {
    const results = runRuleTests(rules, main, { hits: tests.hits, misses: [] });
    const silenced = results.filter(({ isPassed }) => !isPassed).length;
    return { hits: results.length, silenced };
  } catch (error) {
    if (!(error instanceof TooManyTestEvents)) throw error;
    return null;
  }
}
