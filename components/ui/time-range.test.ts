import { describe, expect, it } from 'vitest';
import {
  nameTimeRange,
  parseTimeRange,
  resolveTimeRange,
  serialiseTimeRange,
  timeRangePresets,
} from './time-range.ts';

const h = 3_600_000;
const from = Date.UTC(2026, 10, 22);

describe('parseTimeRange', () => {
  it.each([
    ['15m', 15 * 60_000],
    ['1h', h],
    ['24h', 24 * h],
    ['366d', 366 * 24 * h],
  ])('%s is relative', (text, lengthMs) => {
    expect(parseTimeRange(text)).toEqual({ kind: 'relative', lengthMs });
  });

  it('reads two instants', () => {
    expect(parseTimeRange('2026-11-22T00:00:00.000Z_2026-11-22T12:00:00.000Z')).toEqual({
      kind: 'absolute',
      fromMs: from,
      toMs: from + 12 * h,
    });
  });

  it.each([
    '',
    '0h',
    '367d',
    '9999d',
    '1w',
    '-1h',
    '1.5h',
    '1constructor',
    'yesterday',
    '_',
    '2026-11-22T00:00:00Z',
    '2026-11-22T00:00:00Z_2026-11-22T00:00:00Z',
    '2026-11-23T00:00:00Z_2026-11-22T00:00:00Z',
    '2020-01-01T00:00:00Z_2026-11-22T00:00:00Z',
    '2026-11-22T00:00:00Z_2026-11-22T01:00:00Z_x',
  ])('refuses %j', (text) => {
    expect(parseTimeRange(text)).toBeNull();
  });
});

describe('serialiseTimeRange', () => {
  it.each([...timeRangePresets, '90m', '3d', '2026-11-22T00:00:00.000Z_2026-11-22T12:00:00.000Z'])(
    '%s survives a round trip',
    (text) => {
      const range = parseTimeRange(text);
      expect(range === null ? null : serialiseTimeRange(range)).toBe(text);
    },
  );
});

describe('resolveTimeRange', () => {
  it('counts back from now, or keeps what was fixed', () => {
    expect(resolveTimeRange({ kind: 'relative', lengthMs: h }, from)).toEqual({
      fromMs: from - h,
      toMs: from,
    });
    const fixed = { kind: 'absolute', fromMs: from, toMs: from + h } as const;
    expect(resolveTimeRange(fixed, from + 99 * h)).toEqual({ fromMs: from, toMs: from + h });
  });
});

describe('nameTimeRange', () => {
  it.each([
    ['15m', 'Last 15 minutes'],
    ['1h', 'Last 1 hour'],
    ['24h', 'Last 24 hours'],
    ['7d', 'Last 7 days'],
    ['2026-11-22T00:00:00.000Z_2026-11-22T12:00:00.000Z', '12 hours, fixed'],
  ])('%s is %j', (text, name) => {
    const range = parseTimeRange(text);
    expect(range === null ? null : nameTimeRange(range)).toBe(name);
  });
});
