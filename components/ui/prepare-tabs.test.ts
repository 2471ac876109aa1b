import { describe, expect, it } from 'vitest';
import { tabAfterKey } from './prepare-tabs.ts';

describe('tabAfterKey', () => {
  it.each<[number, string, number | null]>([
    [0, 'ArrowRight', 1],
    [2, 'ArrowRight', 0],
    [0, 'ArrowLeft', 2],
    [1, 'Home', 0],
    [1, 'End', 2],
    [1, 'Enter', null],
    [1, 'Tab', null],
  ])('from tab %i of three, %s leads to %j', (openIndex, key, expected) => {
    expect(tabAfterKey(openIndex, 3, key)).toBe(expected);
  });
});
