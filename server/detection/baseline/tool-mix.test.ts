import { describe, expect, it } from 'vitest';
import {
  divergenceOf,
  noShare,
  noteShare,
  type ToolShare,
} from '#server/detection/baseline/tool-mix.ts';

/** The divergence after so many calls of each tool in turn, phase by phase. */
function divergence(...phases: readonly (readonly [calls: number, tools: readonly string[]])[]) {
  const shares = new Map<string, ToolShare>();
  let calls = 0;
  for (const [count, tools] of phases) {
    for (let index = 0; index < count; index += 1) {
      calls += 1;
      const name = tools[index % tools.length] ?? '';
      const share = shares.get(name) ?? noShare(calls);
      shares.set(name, share);
      noteShare(share, calls);
    }
  }
  return divergenceOf(shares.values(), calls);
}

describe('divergenceOf', () => {
  it('is nothing without calls, and next to nothing for one mix', () => {
    expect(divergenceOf([], 0)).toBe(0);
    expect(divergence([3000, ['a', 'b', 'c']])).toBeLessThan(0.001);
  });

  it('grows with the share of the recent calls that are others', () => {
    const slight = divergence([3000, ['a', 'b', 'c']], [200, ['a', 'b', 'c', 'd']]);
    const heavy = divergence([3000, ['a', 'b', 'c']], [200, ['d']]);
    expect(slight).toBeGreaterThan(0.02);
    expect(heavy).toBeGreaterThan(5 * slight);
    expect(heavy).toBeLessThanOrEqual(1);
  });

  it('falls again once what was new is usual', () => {
    expect(divergence([3000, ['a']], [8000, ['b']])).toBeLessThan(0.03);
  });
});
