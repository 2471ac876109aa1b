import { describe, expect, it } from 'vitest';
import { prepareHeat } from './prepare-heat.ts';

describe('the tint of a cell', () => {
  it.each([
    [0, 0, 0],
    [0, 9, 0],
    [1, 1, 45],
    [9, 9, 45],
    [1, 1_000_000, 12],
    [1000, 1_000_000, 28],
  ])('of %i among at most %i is %i', (count, most, percent) => {
    expect(prepareHeat(count, most)).toBe(percent);
  });
});
