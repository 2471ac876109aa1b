import { describe, expect, it } from 'vitest';
import { createTurns } from './take-turns.ts';

/** Work that ends when it is told to. */
function hold(order: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = async (): Promise<string> => {
    order.push(name);
    await promise;
    return name;
  };
  return { work, end: resolve };
}

describe('turns', () => {
  it('lets so many work at once, and what is begun before what is not', async () => {
    const order: string[] = [];
    const take = createTurns(2);
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => hold(order, name));
    if (!a || !b || !c || !d || !e) throw new Error('five are made');
    const all = [take(false, a.work), take(false, b.work), take(false, c.work)];
    all.push(take(false, d.work), take(true, e.work));
    expect(order).toEqual(['a', 'b']);
    a.end();
    expect(await all[0]).toBe('a');
    expect(order).toEqual(['a', 'b', 'e']);
    for (const one of [b, c, d, e]) one.end();
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(order).toEqual(['a', 'b', 'e', 'c', 'd']);
  });

  it('goes on after work that failed', async () => {
    const take = createTurns(1);
    const failing = take(false, () => Promise.reject(new Error('no')));
    const next = take(false, () => Promise.resolve('next'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
    expect(await take(false, () => Promise.resolve('last'))).toBe('last');
  });
});
