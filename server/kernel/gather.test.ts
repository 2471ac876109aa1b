import { describe, expect, it } from 'vitest';
import { gather } from './gather.ts';

const splitting = { max: 3, isWorthSplitting: () => true };

describe('gather', () => {
  it('does together what comes meanwhile, each with its own answer', async () => {
    const groups: (readonly number[])[] = [];
    const double = gather((items: readonly number[]) => {
      groups.push(items);
      return Promise.resolve(items.map((item) => item * 2));
    }, splitting);
    expect(await Promise.all([1, 2, 3, 4].map((item) => double(item)))).toEqual([2, 4, 6, 8]);
    expect(groups).toEqual([[1, 2, 3], [4]]);
    expect(await double(5)).toBe(10);
  });

  it('holds nobody back because of one, and rejects that one', async () => {
    const work = gather((items: readonly number[]) => {
      if (items.includes(2)) return Promise.reject(new Error('two'));
      return Promise.resolve(items);
    }, splitting);
    const told = await Promise.allSettled([1, 2, 3].map((item) => work(item)));
    expect(told.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('rejects all where splitting is worth nothing', async () => {
    let asked = 0;
    const work = gather(
      () => {
        asked += 1;
        return Promise.reject(new Error('away'));
      },
      { max: 3, isWorthSplitting: () => false },
    );
    const told = await Promise.allSettled([1, 2, 3].map((item) => work(item)));
    expect(told.map((one) => one.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(asked).toBe(1);
  });
});
