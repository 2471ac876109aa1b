import { describe, expect, it } from 'vitest';
import { createTurns } from './take-turns.ts';

/** Whatever was let go has begun by then. */
const settled = () => new Promise<void>((done) => setImmediate(done));

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
    const { take } = createTurns(2, 2);
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => hold(order, name));
    if (!a || !b || !c || !d || !e) throw new Error('five are made');
    const all = [take(false, a.work), take(false, b.work), take(false, c.work)];
    all.push(take(false, d.work), take(true, e.work));
    await settled();
    expect(order).toEqual(['a', 'b']);
    a.end();
    expect(await all[0]).toBe('a');
    await settled();
    expect(order).toEqual(['a', 'b', 'e']);
    for (const one of [b, c, d, e]) one.end();
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(order).toEqual(['a', 'b', 'e', 'c', 'd']);
  });

  it('goes on after work that failed', async () => {
    const { take } = createTurns(1, 1);
    const failing = take(false, () => Promise.reject(new Error('no')));
    const next = take(false, () => Promise.resolve('next'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
    expect(await take(false, () => Promise.resolve('last'))).toBe('last');
  });

  it('grows by one for each answer, and falls to the fewest without one', async () => {
    const order: string[] = [];
    const { take, heed } = createTurns(1, 2);
    const held = ['a', 'b', 'c', 'd'].map((name) => hold(order, name));
    const all = held.map((one) => take(false, one.work));
    await settled();
    expect(order).toEqual(['a']);
    heed(true);
    heed(true);
    heed(true);
    held[0]?.end();
    await all[0];
    await settled();
    expect(order).toEqual(['a', 'b', 'c']);
    heed(false);
    held[1]?.end();
    await all[1];
    await settled();
    expect(order).toEqual(['a', 'b', 'c']);
    held[2]?.end();
    await all[2];
    await settled();
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    held[3]?.end();
    await all[3];
  });
});
