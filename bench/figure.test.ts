import { describe, expect, it } from 'vitest';
import { percentile, rounded } from './figure.ts';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('percentile', () => {
  it.each([
    { name: 'the median of an odd number', samples: [5, 1, 3], share: 0.5, wanted: 3 },
    { name: 'the lower middle of an even number', samples: [4, 1, 3, 2], share: 0.5, wanted: 2 },
    { name: 'p99 of a hundred', samples: hundred, share: 0.99, wanted: 99 },
    { name: 'p99 of few is the worst', samples: [1, 2, 900], share: 0.99, wanted: 900 },
    { name: 'all of them', samples: [2, 7], share: 1, wanted: 7 },
    { name: 'none of them', samples: [2, 7], share: 0, wanted: 2 },
    { name: 'numbers, not their texts', samples: [10, 9, 100], share: 0.5, wanted: 10 },
    { name: 'one sample', samples: [4], share: 0.01, wanted: 4 },
  ])('$name', ({ samples, share, wanted }) => {
    expect(percentile(samples, share)).toBe(wanted);
  });

  it('has no answer without samples, and leaves its input alone', () => {
    expect(percentile([], 0.5)).toBeNaN();
    const samples = [3, 1, 2];
    percentile(samples, 0.5);
    expect(samples).toEqual([3, 1, 2]);
  });
});

describe('rounded', () => {
  it.each([
    [31_418.2, 31_400],
    [0.022_71, 0.0227],
    [0, 0],
    [999.6, 1000],
    [-1234, -1230],
  ])('%d is quoted as %d', (given, wanted) => expect(rounded(given)).toBe(wanted));

  it('keeps what is no number', () => {
    expect(rounded(Number.NaN)).toBeNaN();
    expect(rounded(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});
