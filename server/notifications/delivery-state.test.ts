import { describe, expect, it } from 'vitest';
import { type Attempt, judgeAttempt, type Next, pausesMs } from './delivery-state.ts';

const failed = (retryAfterMs: number | null = null): Attempt => ({
  outcome: 'failed',
  answer: 'answered 503',
  retryAfterMs,
});
const waits = (waitMs: number): Next => ({ state: 'unconfirmed', answer: 'answered 503', waitMs });
const dead: Next = { state: 'dead', answer: 'answered 503', isForGood: false };

describe('an attempt', () => {
  const cases: readonly [string, Attempt, number, Next][] = [
    [
      'confirms',
      { outcome: 'taken', answer: 'answered 200' },
      1,
      { state: 'confirmed', answer: 'answered 200' },
    ],
    [
      'confirms late as well',
      { outcome: 'taken', answer: 'ok' },
      7,
      { state: 'confirmed', answer: 'ok' },
    ],
    ['waits shortly after the first', failed(), 1, waits(5_000)],
    ['waits longer after each', failed(), 2, waits(300_000)],
    ['waits ten hours before the last', failed(), 6, waits(36_000_000)],
    ['is the last one after all pauses', failed(), 7, dead],
    ['waits as long as it is asked to', failed(90_000), 1, waits(90_000)],
    ['but never shorter than by itself', failed(1_000), 2, waits(300_000)],
    ['and never longer than an hour for it', failed(1e12), 1, waits(3_600_000)],
    [
      'gives up at once what is refused',
      { outcome: 'refused', answer: 'no', isForGood: true },
      1,
      { state: 'dead', answer: 'no', isForGood: true },
    ],
  ];
  it.each(cases)('%s', (_name, attempt, attempts, next) => {
    expect(judgeAttempt(attempt, attempts)).toEqual(next);
  });

  it('is tried for a good part of a day in all', () => {
    const hours = pausesMs.reduce((sum, pause) => sum + pause, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(17);
    expect(hours).toBeLessThan(24);
  });
});
