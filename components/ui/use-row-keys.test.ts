import { describe, expect, it } from 'vitest';
import { moveRow } from './use-row-keys.ts';

describe('moveRow', () => {
  it.each([
    { from: -1, step: 1, count: 5, to: 0 },
    { from: -1, step: -1, count: 5, to: 4 },
    { from: 0, step: 1, count: 5, to: 1 },
    { from: 4, step: 1, count: 5, to: 4 },
    { from: 0, step: -1, count: 5, to: 0 },
    { from: 2, step: 10, count: 5, to: 4 },
    { from: 2, step: -5, count: 5, to: 0 },
    { from: 2, step: 5, count: 5, to: 4 },
    { from: 0, step: 1, count: 1, to: 0 },
    { from: -1, step: 1, count: 0, to: -1 },
    { from: 3, step: -1, count: 0, to: -1 },
  ])('from $from by $step in $count rows ends at $to', ({ from, step, count, to }) => {
    expect(moveRow(from, step, count)).toBe(to);
  });
});
