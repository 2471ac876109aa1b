import { describe, expect, it } from 'vitest';
import { formatInstant, formatRelative } from './format-time.ts';

const now = Date.UTC(2026, 10, 22, 14, 3, 22, 120);
const s = 1000;
const min = 60 * s;
const h = 60 * min;
const d = 24 * h;

describe('formatRelative', () => {
  it.each([
    [0, 'now'],
    [999, 'now'],
    [-999, 'now'],
    [s, '1 s ago'],
    [59.9 * s, '59 s ago'],
    [min, '1 min ago'],
    [119 * s, '1 min ago'],
    [59 * min + 59 * s, '59 min ago'],
    [h, '1 h ago'],
    [23 * h + 59 * min, '23 h ago'],
    [d, '1 d ago'],
    [29 * d + 23 * h, '29 d ago'],
    [30 * d, '2026-10-23'],
    [400 * d, '2025-10-18'],
    [-s, 'in 1 s'],
    [-90 * s, 'in 1 min'],
    [-3 * d, 'in 3 d'],
  ])('%d ms before now reads %j', (ageMs, text) => {
    expect(formatRelative(now - ageMs, now).replaceAll('\u00a0', ' ')).toBe(text);
  });

  it('keeps number and unit on one line', () => {
    expect(formatRelative(now - min, now)).toBe('1\u00a0min ago');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('says unknown for %d', (value) => {
    expect(formatRelative(value, now)).toBe('unknown');
  });
});

describe('formatInstant', () => {
  it.each([
    ['full', '2026-11-22 14:03:22.120 UTC'],
    ['second', '2026-11-22 14:03:22 UTC'],
    ['minute', '2026-11-22 14:03 UTC'],
    ['time', '14:03:22'],
    ['date', '2026-11-22'],
  ] as const)('%s in UTC is %j', (part, text) => {
    expect(formatInstant(now, 'utc', part)).toBe(text);
  });

  it('names another zone, and its date where that differs', () => {
    const late = Date.UTC(2026, 10, 22, 23, 30);
    expect(formatInstant(late, 'Europe/Berlin', 'minute')).toMatch(
      /^2026-11-23 00:30 (CET|GMT\+1)$/,
    );
  });

  it('writes midnight as 00, never 24', () => {
    expect(formatInstant(Date.UTC(2026, 0, 1), 'utc', 'time')).toBe('00:00:00');
  });

  it('says unknown for what is no instant', () => {
    expect(formatInstant(Number.NaN, 'utc')).toBe('unknown');
  });
});
