import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Hourly,
  hourlySchema,
  noHourly,
  noteHour,
} from '#server/detection/baseline/hourly.ts';
import { deviationOf } from '#server/detection/baseline/measure.ts';
import { limits } from '#server/kernel/limits.ts';

const hour = 60 * 60_000;
const call = { isCall: true, isEnd: true, isError: false };
const failure = { ...call, isError: true };

/** So many calls in each hour, evenly, and the last reading. */
function feed(counts: readonly number[], state: Hourly = noHourly(), from = 0, told = call) {
  let last = null;
  counts.forEach((count, index) => {
    for (let number = 0; number < count; number += 1) {
      const at = (from + index) * hour + Math.floor((number * hour) / count);
      last = noteHour(state, at, at, told);
    }
  });
  return { state, last: last as ReturnType<typeof noteHour> | null };
}

const day = Array.from({ length: 24 }, (_, index) => 10 + (index % 3));

describe('noteHour', () => {
  it('says nothing before so many hours have closed', () => {
    const { state, last } = feed(day);
    expect(last?.volume).toBeNull();
    // The last hour stays open as long as events of it may come.
    expect(feed([1], state, 24).last?.volume).toBeNull();
    const at = 24 * hour + limits.allowedLatenessMs;
    expect(noteHour(state, at, at, call).volume?.hours).toBe(24);
  });

  it('tells the calls of the hour, the mean, the deviation and how far they are apart', () => {
    const { state } = feed(day);
    const { last } = feed([40], state, 24);
    const { volume } = last ?? {};
    expect(volume).toMatchObject({ value: 40, hours: 24 });
    expect(volume?.mean).toBeCloseTo(11, 9);
    // √11 is more than the deviation of 10, 11 and 12.
    expect(volume?.std).toBeCloseTo(Math.sqrt(11), 9);
    expect(volume?.sigma).toBeCloseTo(29 / Math.sqrt(11), 9);
  });

  it('counts hours without a call, between the first and the last', () => {
    const { state } = feed([6, 0, 0, 0, 6], noHourly(), 100);
    feed([1], state, 110);
    // 100 to 108 are closed; 109 still may get events at the first minute of 110.
    expect(state.volume.n).toBe(9);
    expect(state.volume.mean).toBeCloseTo(12 / 9, 9);
    expect(deviationOf(state.volume)).toBeCloseTo(Math.sqrt(7), 9);
  });

  it('counts an empty hour before one that is open', () => {
    const state = noHourly();
    for (const at of [100 * hour, 102 * hour + 5 * 60_000, 104 * hour + 30 * 60_000]) {
      noteHour(state, at, at, call);
    }
    expect(state.volume).toMatchObject({ n: 4, mean: 0.5 });
  });

  it('puts a late event into its own hour, and one too late nowhere', () => {
    const state = noHourly();
    noteHour(state, 0, 0, call);
    const latest = hour + limits.allowedLatenessMs - 1;
    noteHour(state, latest, latest, call);
    noteHour(state, hour - 1, latest, call);
    expect(state.open.toSorted((a, b) => a.hour - b.hour).map(({ calls }) => calls)).toEqual([
      2, 1,
    ]);
    noteHour(state, latest + 1, latest + 1, call);
    expect(state.volume).toMatchObject({ n: 1, mean: 2 });
    const before = structuredClone(state);
    expect(noteHour(state, hour - 1, latest + 1, call)).toEqual({ volume: null, errors: null });
    expect(state).toEqual(before);
  });

  it('ends the same whatever order events come in within the allowed lateness', () => {
    const gaps = fc.array(fc.tuple(fc.integer({ max: 90 * 60_000, min: 0 }), fc.nat(599_000)));
    fc.assert(
      fc.property(gaps, (items) => {
        let now = 10 * hour;
        const events = items.map(([gap, delay]) => ({ at: (now += gap), arrives: now + delay }));
        const play = (order: typeof events) => {
          const state = noHourly();
          let latest = 0;
          for (const { at } of order) {
            latest = Math.max(latest, at);
            noteHour(state, at, latest, call);
          }
          const end = now + 3 * hour;
          noteHour(state, end, end, call);
          return state;
        };
        const inOrder = play(events);
        const shuffled = play(events.toSorted((a, b) => a.arrives - b.arrives));
        expect(shuffled.next).toBe(inOrder.next);
        expect(shuffled.volume.n).toBe(inOrder.volume.n);
        expect(shuffled.volume.mean).toBeCloseTo(inOrder.volume.mean, 9);
        expect(shuffled.volume.m2).toBeCloseTo(inOrder.volume.m2, 6);
      }),
    );
  });

  it('tells of failures only when one happens, against what is usual', () => {
    const { state } = feed(day);
    feed([1], state, 26);
    feed([9], state, 27);
    expect(feed([1], state, 27).last?.errors).toBeNull();
    const { last } = feed([5], state, 27, failure);
    expect(last?.errors).toMatchObject({ value: 5, calls: 15, known: 265, std: 1 });
    expect(last?.errors?.mean).toBeCloseTo(15 / 267, 9);
  });

  it('says nothing of failures over a few calls', () => {
    const { state } = feed(day);
    const few = limits.baselineHourEndedMin - 1;
    expect(feed([few], state, 30, failure).last?.errors).toBeNull();
    expect(feed([1], state, 30, failure).last?.errors).not.toBeNull();
    expect(feed([20], noHourly(), 30, failure).last?.errors).toBeNull();
  });

  it('counts a call that is told twice once', () => {
    const state = noHourly();
    noteHour(state, 0, 0, { isCall: true, isEnd: false, isError: false });
    noteHour(state, 5, 5, { isCall: false, isEnd: true, isError: true });
    expect(state.open).toEqual([{ hour: 0, calls: 1, ended: 1, errors: 1 }]);
  });

  it('stays small and can be stored', () => {
    const { state } = feed(Array.from({ length: 2000 }, () => 3));
    expect(state.volume.n).toBe(limits.baselineHoursMax);
    expect(state.open.length).toBeLessThanOrEqual(2);
    expect(hourlySchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });
});
