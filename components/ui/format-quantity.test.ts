import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatCounted,
  formatCountShort,
  formatDuration,
  formatRate,
  formatShare,
} from './format-quantity.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('formatCount and formatCountShort', () => {
  it.each([
    [0, '0', '0'],
    [7, '7', '7'],
    [9999, '9,999', '9,999'],
    [10_000, '10,000', '10k'],
    [12_449, '12,449', '12.4k'],
    [99_949, '99,949', '99.9k'],
    [99_960, '99,960', '100k'],
    [999_499, '999,499', '999k'],
    [999_500, '999,500', '1M'],
    [3_140_000, '3,140,000', '3.14M'],
    [2_000_000_000, '2,000,000,000', '2G'],
    [Number.NaN, 'unknown', 'unknown'],
  ])('%d reads %j, in short %j', (count, long, short) => {
    expect(formatCount(count)).toBe(long);
    expect(formatCountShort(count)).toBe(short);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [0.4, '0.4 ms'],
    [12.345, '12.3 ms'],
    [120, '120 ms'],
    [999.4, '999 ms'],
    [999.5, '1 s'],
    [1240, '1.24 s'],
    [59_940, '59.9 s'],
    [59_999, '1 min'],
    [60_000, '1 min'],
    [185_000, '3 min 5 s'],
    [3_599_400, '59 min 59 s'],
    [3_600_000, '1 h'],
    [7_440_000, '2 h 4 min'],
    [86_400_000, '1 d'],
    [90_000_000, '1 d 1 h'],
    [-1, 'unknown'],
    [Number.NaN, 'unknown'],
  ])('%d ms reads %j', (durationMs, text) => {
    expect(plain(formatDuration(durationMs))).toBe(text);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [20 * 1024 * 1024, '20 MiB'],
    [5 * 1024 ** 5, '5120 TiB'],
    [-1, 'unknown'],
  ])('%d reads %j', (bytes, text) => {
    expect(plain(formatBytes(bytes))).toBe(text);
  });
});

describe('formatRate', () => {
  it.each([
    [0, '0/s'],
    [0.254, '0.25/s'],
    [12.34, '12.3/s'],
    [1240, '1,240/s'],
  ])('%d reads %j', (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });
});

describe('formatShare', () => {
  it.each([
    [0, 10, '0 %'],
    [10, 10, '100 %'],
    [1, 10, '10 %'],
    [4, 1000, '0.4 %'],
    [1, 100_000, '<0.1 %'],
    [99_999, 100_000, '>99.9 %'],
    [996, 1000, '99.6 %'],
    [0, 0, '–'],
    [1, Number.NaN, '–'],
  ])('%d of %d reads %j', (part, all, text) => {
    expect(plain(formatShare(part, all))).toBe(text);
  });
});

describe('formatCounted', () => {
  it.each([
    [0, '0 alerts'],
    [1, '1 alert'],
    [1200, '1,200 alerts'],
  ])('%d reads %j', (count, text) => {
    expect(formatCounted(count, 'alert')).toBe(text);
  });
  it('takes an irregular plural', () => {
    expect(formatCounted(2, 'entry', 'entries')).toBe('2 entries');
  });
});
