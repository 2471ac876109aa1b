import { describe, expect, it } from 'vitest';
import { loudestWindow } from './pool-windows.ts';

const sumsOf = (weights: readonly number[]) => {
  const sums = new Float64Array(weights.length + 1);
  for (const [at, weight] of weights.entries()) sums[at + 1] = (sums[at] ?? 0) + weight;
  return sums;
};
const find = (weights: readonly number[], first = 0, last = weights.length) =>
  loudestWindow('tool_output', sumsOf(weights), first, last, { value: 0, from: 0, to: 0 });

describe('loudestWindow', () => {
  it('finds the stretch that speaks, wherever it stands', () => {
    const weights = Array.from({ length: 400 }, (_, at) => (at >= 200 && at < 210 ? 1 : -0.1));
    expect(find(weights)).toMatchObject({ from: 200, to: 210 });
  });

  it('looks between the given words only', () => {
    const weights = Array.from({ length: 100 }, (_, at) => (at < 20 ? 5 : 0));
    expect(find(weights, 40, 100).value).toBe(0);
  });

  it('takes a short text whole and an empty one for nothing', () => {
    expect(find([1, 1, 1])).toMatchObject({ from: 0, to: 3 });
    expect(find([]).value).toBe(0);
  });
});
