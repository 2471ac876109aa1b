import { describe, expect, it } from 'vitest';
import { errorRateSchema, noErrorRate, noteOutcome } from '#server/detection/error-rate.ts';
import { limits } from '#server/kernel/limits.ts';

/** Rates after each event; `e` is a failure, `.` a success, a second apart. */
function ratesOf(outcomes: string, from = 0, state = noErrorRate) {
  const rates: (number | null)[] = [];
  let next = state;
  outcomes.split('').forEach((outcome, index) => {
    const step = noteOutcome(next, (from + index) * 1000, outcome === 'e');
    next = errorRateSchema.parse(JSON.parse(JSON.stringify(step.next)));
    rates.push(step.rate);
  });
  return { rates, state: next };
}

describe('noteOutcome', () => {
  it('says nothing under the floor', () => {
    const { rates } = ratesOf('e'.repeat(limits.errorRateEventsMin));
    expect(rates.slice(0, -1).every((rate) => rate === null)).toBe(true);
    expect(rates.at(-1)).toBe(1);
  });

  it('is the share of failures', () => {
    expect(ratesOf(`${'.'.repeat(30)}${'e'.repeat(10)}`).rates.at(-1)).toBe(0.25);
  });

  it('forgets what is older than the window', () => {
    const { state } = ratesOf('e'.repeat(40));
    expect(ratesOf('.'.repeat(40), 400, state).rates.at(-1)).toBe(0);
  });

  it('counts a late event in its own place, and one too late not at all', () => {
    const { state } = ratesOf('.'.repeat(40), 1000);
    expect(noteOutcome(state, 1_000_000, true).next.buckets[0]).toEqual({
      at: 1_000_000,
      events: 11,
      errors: 1,
    });
    expect(noteOutcome(state, 100_000, true)).toEqual({ next: state, rate: null });
  });

  it('remembers a bounded number of buckets', () => {
    const { state } = ratesOf('.'.repeat(2000));
    expect(state.buckets.length).toBeLessThanOrEqual(limits.errorRateWindowMs / 10_000);
  });
});
