import { z } from 'zod';

/** What one runner counted. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const emptyTally: Tally = { passed: 0, failed: 0, skipped: 0 };

/** The sum of two runners. */
export function addTallies(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/** The last line of the test command. */
export function formatTally(tally: Tally): string {
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`;
}

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  success: z.boolean(),
});

const playwrightReport = z.object({
  stats: z.object({
    expected: z.number(),
    unexpected: z.number(),
    flaky: z.number(),
    skipped: z.number(),
  }),
  errors: z.array(z.unknown()),
});

/**
 * A runner that failed without a failed test (a file that does not load, a broken set-up) counts as
 * one failure: green must not come from tests that never ran.
 */
function atLeastOneFailure(tally: Tally, isGreen: boolean): Tally {
  return isGreen || tally.failed > 0 ? tally : { ...tally, failed: 1 };
}

/** Vitest's JSON report; `text` null when it wrote none. */
export function readVitestReport(text: string | null, status: number | null): Tally {
  const parsed = text === null ? null : vitestReport.safeParse(JSON.parse(text));
  if (!parsed?.success) return { ...emptyTally, failed: 1 };
  const report = parsed.data;
  return atLeastOneFailure(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    },
    status === 0 && report.success,
  );
}

/** Playwright's JSON report; a test that passed only when tried again counts as failed. */
export function readPlaywrightReport(text: string | null, status: number | null): Tally {
  const parsed = text === null ? null : playwrightReport.safeParse(JSON.parse(text));
  if (!parsed?.success) return { ...emptyTally, failed: 1 };
  const { stats, errors } = parsed.data;
  return atLeastOneFailure(
    { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped },
    status === 0 && errors.length === 0,
  );
}
