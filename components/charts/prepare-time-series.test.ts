import { describe, expect, it } from 'vitest';
import {
  isEmptySeries,
  otherKey,
  prepareTimeSeries,
  type TimeCount,
} from './prepare-time-series.ts';

const min = 60_000;
const span = { fromMs: 0, toMs: 3 * min, bucketMs: min };
const count = (atMs: number, key: string, value: number): TimeCount => ({ atMs, key, value });
const drawn = (counts: readonly TimeCount[], options = {}) =>
  prepareTimeSeries(counts, { ...span, ...options }).points.map((point) => point.values);

describe('prepareTimeSeries', () => {
  it('has a point for every bucket, also for those in which nothing was counted', () => {
    expect(drawn([count(min, 'a', 5)])).toEqual([[0], [5], [0]]);
  });

  it('puts the largest key first and breaks ties by name', () => {
    const series = prepareTimeSeries(
      [count(0, 'b', 2), count(0, 'c', 2), count(min, 'a', 3), count(0, 'a', 1)],
      span,
    );
    expect(series.keys).toEqual(['a', 'b', 'c']);
    expect(series.totals).toEqual([4, 2, 2]);
    expect(series.points[0]).toEqual({ atMs: 0, values: [1, 2, 2], total: 5 });
  });

  it('sums up what is beyond the largest few, losing nothing', () => {
    const counts = ['a', 'b', 'c', 'd'].map((key, index) => count(0, key, 10 - index));
    const series = prepareTimeSeries(counts, { ...span, keysMax: 3 });
    expect(series.keys).toEqual(['a', 'b', otherKey]);
    expect(series.totals).toEqual([10, 9, 15]);
  });

  it('keeps exactly keysMax keys without another', () => {
    const counts = ['a', 'b', 'c'].map((key) => count(0, key, 1));
    expect(prepareTimeSeries(counts, { ...span, keysMax: 3 }).keys).toEqual(['a', 'b', 'c']);
  });

  it('keeps a given order of keys, absent ones as 0, unknown ones left out', () => {
    expect(drawn([count(0, 'low', 1), count(0, 'x', 9)], { keys: ['high', 'low'] })).toEqual([
      [0, 1],
      [0, 0],
      [0, 0],
    ]);
  });

  it('leaves out what lies outside the span, and nothing of what lies inside', () => {
    const counts = [-1, 0, 3 * min - 1, 3 * min].map((at) => count(at, 'a', 1));
    expect(drawn(counts)).toEqual([[1], [0], [1]]);
  });

  it('adds counts of one bucket that come in pieces', () => {
    expect(drawn([count(10, 'a', 1), count(20, 'a', 2)])).toEqual([[3], [0], [0]]);
  });

  it('begins with the whole bucket that the span begins in', () => {
    const series = prepareTimeSeries([count(0, 'a', 7)], { ...span, fromMs: min / 2 });
    expect(series.points[0]).toEqual({ atMs: 0, values: [7], total: 7 });
  });
});

describe('isEmptySeries', () => {
  it('is true of zeros and of no keys', () => {
    expect(isEmptySeries(prepareTimeSeries([], span))).toBe(true);
    expect(isEmptySeries(prepareTimeSeries([count(0, 'a', 0)], span))).toBe(true);
    expect(isEmptySeries(prepareTimeSeries([count(0, 'a', 1)], span))).toBe(false);
  });
});
