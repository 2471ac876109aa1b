import { describe, expect, it } from 'vitest';
import { addTallies, formatTally, readPlaywrightReport, readVitestReport } from './read-report.ts';

const vitest = (passed: number, failed: number, pending: number, success: boolean) =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: 0,
    success,
  });
const playwright = (stats: object, errors: unknown[] = []) => JSON.stringify({ stats, errors });

describe('readVitestReport', () => {
  it.each([
    ['all green', vitest(12, 0, 3, true), 0, { passed: 12, failed: 0, skipped: 3 }],
    ['two red', vitest(12, 2, 0, false), 1, { passed: 12, failed: 2, skipped: 0 }],
    [
      'a file that does not load',
      vitest(12, 0, 0, false),
      1,
      { passed: 12, failed: 1, skipped: 0 },
    ],
    ['an unhandled error', vitest(12, 0, 0, true), 1, { passed: 12, failed: 1, skipped: 0 }],
    [
      'ended for taking too long',
      vitest(12, 0, 0, true),
      null,
      { passed: 12, failed: 1, skipped: 0 },
    ],
    ['no report', null, 0, { passed: 0, failed: 1, skipped: 0 }],
    ['another program’s report', '{}', 0, { passed: 0, failed: 1, skipped: 0 }],
  ])('%s', (_name, text, status, expected) => {
    expect(readVitestReport(text, status)).toEqual(expected);
  });
});

describe('readPlaywrightReport', () => {
  const stats = { expected: 5, unexpected: 0, flaky: 0, skipped: 1 };
  it.each([
    ['all green', playwright(stats), 0, { passed: 5, failed: 0, skipped: 1 }],
    ['one flaky', playwright({ ...stats, flaky: 1 }), 0, { passed: 5, failed: 1, skipped: 1 }],
    ['one red', playwright({ ...stats, unexpected: 1 }), 1, { passed: 5, failed: 1, skipped: 1 }],
    ['an error outside tests', playwright(stats, [{}]), 1, { passed: 5, failed: 1, skipped: 1 }],
    ['no report', null, 1, { passed: 0, failed: 1, skipped: 0 }],
  ])('%s', (_name, text, status, expected) => {
    expect(readPlaywrightReport(text, status)).toEqual(expected);
  });
});

describe('the last line', () => {
  it('names skipped tests only when there are any', () => {
    expect(formatTally({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(formatTally({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });

  it('adds all runners', () => {
    const one = { passed: 1, failed: 2, skipped: 3 };
    expect(addTallies(one, one)).toEqual({ passed: 2, failed: 4, skipped: 6 });
  });
});
