import { describe, expect, it } from 'vitest';
import { clampShare, shareAfterKey, shareMax, shareMin } from './prepare-split.ts';

describe('the line between list and detail', () => {
  it.each<[string, boolean, number | null]>([
    ['ArrowLeft', false, 38],
    ['ArrowRight', false, 42],
    ['ArrowLeft', true, 30],
    ['ArrowRight', true, 50],
    ['Home', false, shareMin],
    ['End', false, shareMax],
    ['Enter', false, null],
    ['a', false, null],
  ])('moves from 40 by %s (with Shift: %j) to %j', (key, isLarge, expected) => {
    expect(shareAfterKey(40, key, isLarge)).toBe(expected);
  });

  it('stops where a part would be too narrow', () => {
    expect(shareAfterKey(shareMin, 'ArrowLeft', false)).toBe(shareMin);
    expect(shareAfterKey(shareMax - 1, 'ArrowRight', true)).toBe(shareMax);
    expect([-5, 33.3, 400].map(clampShare)).toEqual([shareMin, 33.3, shareMax]);
    expect(clampShare(Number.NaN)).toBeNaN();
  });
});
