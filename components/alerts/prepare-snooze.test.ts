import { describe, expect, it } from 'vitest';
import { msUntilReturn, prepareSnooze } from './prepare-snooze.ts';

const at = (text: string) => Date.parse(text);

describe('what a snooze can be set to', () => {
  it.each([
    // A Sunday, a Monday before nine, and the last day of a year.
    ['2026-11-22T20:15:00Z', '2026-11-23T09:00:00.000Z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T08:00:00Z', '2026-11-24T09:00:00.000Z', '2026-11-30T09:00:00.000Z'],
    ['2026-12-31T23:59:59Z', '2027-01-01T09:00:00.000Z', '2027-01-04T09:00:00.000Z'],
  ])('at %s has mornings ahead', (now, tomorrow, nextMonday) => {
    const choices = prepareSnooze(at(now), 'utc');
    expect(choices.map(({ until }) => until).slice(2, 4)).toEqual([tomorrow, nextMonday]);
    expect(choices.every(({ until }) => at(until) > at(now))).toBe(true);
  });

  it('goes by the clock that the person reads', () => {
    const [, , tomorrow] = prepareSnooze(at('2026-11-22T20:15:00Z'), 'local');
    expect(new Date(tomorrow?.until ?? '').getHours()).toBe(9);
  });
});

describe('when the inbox is asked again', () => {
  it.each([
    [null, false],
    ['2026-11-22T08:00:10Z', 10_250],
    ['2026-11-22T07:00:00Z', 1000],
    ['2027-11-22T08:00:00Z', 3_600_000],
  ])('with the next return at %s: %s', (nextReturnAt, expected) => {
    expect(msUntilReturn(nextReturnAt, at('2026-11-22T08:00:00Z'))).toBe(expected);
  });
});
