import { describe, expect, it } from 'vitest';
import { runInLanes } from './run-in-lanes.ts';

/** Work that ends when it is told to, and notes what runs. */
function makeWork() {
  const running = new Map<string, PromiseWithResolvers<string>>();
  const begun: string[] = [];
  return {
    begun,
    running,
    work: (item: string) => {
      const ending = Promise.withResolvers<string>();
      begun.push(item);
      running.set(item, ending);
      return ending.promise.finally(() => running.delete(item));
    },
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('lanes', () => {
  it('take the next item as soon as one is free, and answer in the order of the items', async () => {
    const { begun, running, work } = makeWork();
    const all = runInLanes(['a', 'b', 'c', 'd'], 2, work);
    expect(begun).toEqual(['a', 'b']);
    running.get('b')?.resolve('B');
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    for (const item of ['c', 'a', 'd']) {
      running.get(item)?.resolve(item.toUpperCase());
      await settle();
    }
    expect(await all).toEqual(['A', 'B', 'C', 'D']);
  });

  it('begin nothing further once one failed, and wait for what runs', async () => {
    const { begun, running, work } = makeWork();
    let isOver = false;
    const all = runInLanes(['a', 'b', 'c'], 2, work).finally(() => (isOver = true));
    const refused = expect(all).rejects.toThrow('a broke');
    running.get('a')?.reject(new Error('a broke'));
    await settle();
    expect(isOver).toBe(false);
    running.get('b')?.resolve('B');
    await refused;
    expect(begun).toEqual(['a', 'b']);
  });

  it('do nothing for no items', async () => {
    expect(await runInLanes([], 2, () => Promise.reject(new Error('never')))).toEqual([]);
  });
});
