import { describe, expect, it } from 'vitest';
import { bucketStart, chooseBucketMs, formatTick, timeTicks } from './prepare-time-buckets.ts';

const s = 1000;
const min = 60 * s;
const h = 60 * min;
const d = 24 * h;

describe('chooseBucketMs', () => {
  it.each([
    [0, 60, s],
    [30 * s, 60, s],
    [61 * s, 60, 5 * s],
    [15 * min, 60, 30 * s],
    [h, 60, min],
    [6 * h, 60, 10 * min],
    [24 * h, 60, 30 * min],
    [7 * d, 60, 3 * h],
    [30 * d, 60, 12 * h],
    [366 * d, 60, 7 * d],
    [1000 * d, 60, 17 * d],
  ])('%d ms in %d buckets makes %d', (spanMs, bucketsMax, bucketMs) => {
    expect(chooseBucketMs(spanMs, bucketsMax)).toBe(bucketMs);
    expect(Math.ceil(spanMs / bucketMs)).toBeLessThanOrEqual(bucketsMax);
  });
});

describe('bucketStart', () => {
  it.each([
    [0, min, 0],
    [59_999, min, 0],
    [60_000, min, 60_000],
    [-1, min, -60_000],
  ])('%d in buckets of %d starts at %d', (at, bucketMs, start) => {
    expect(bucketStart(at, bucketMs)).toBe(start);
  });
});

describe('timeTicks', () => {
  const from = Date.UTC(2026, 10, 22, 14, 3);
  it('stand on round clock times inside the span', () => {
    const ticks = timeTicks(from, from + h, 6);
    expect(ticks.map((at) => new Date(at).toISOString().slice(11, 16))).toEqual([
      '14:10',
      '14:20',
      '14:30',
      '14:40',
      '14:50',
      '15:00',
    ]);
  });
  it('are never more than asked for, plus the one at the edge', () => {
    for (const span of [s, min, h, 5 * h, d, 9 * d, 80 * d, 400 * d]) {
      expect(timeTicks(from, from + span, 6).length).toBeLessThanOrEqual(7);
    }
  });
  it.each([
    [from, from],
    [from, from - 1],
    [from, Number.NaN],
  ])('of no span are none', (start, end) => {
    expect(timeTicks(start, end, 6)).toEqual([]);
  });
});

describe('formatTick', () => {
  const at = Date.UTC(2026, 10, 22, 14, 3, 20);
  it.each([
    [min, '14:03:20'],
    [h, '14:03'],
    [2 * d, '14:03'],
    [3 * d, '11-22'],
  ])('in a span of %d reads %j', (span, text) => {
    expect(formatTick(at, span, 'utc')).toBe(text);
  });
});
