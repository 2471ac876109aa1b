import { describe, expect, it } from 'vitest';
import { mintTenantId, newId } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { type Position, startPosition } from './position.ts';
import { createTailFeed, type ReadItems } from './tail-feed.ts';

const bed = openTestDatabase();

interface Item {
  readonly at: Position;
  readonly name: string;
}

const placeOf = (seq: number): Position => ({ incarnation: 1, xid: '7', seq });

/** A log in memory that grows; tells what was read of it. */
function makeLog(names: string) {
  const items = names.split('').map((name, index): Item => ({ at: placeOf(index + 1), name }));
  const log = { readable: items.length, reads: [] as string[], failures: 0 };
  const read: ReadItems<Item> = (_tx, _tenantId, since, limit) => {
    const found = items.slice(since.seq, Math.min(log.readable, since.seq + limit));
    log.reads.push(found.map((item) => item.name).join(''));
    if (log.failures > 0) {
      log.failures -= 1;
      return Promise.reject(new Error('the database is away'));
    }
    return Promise.resolve(found);
  };
  return { log, read };
}

/** Reads on from where it stands, as a reader of the log does. */
function makeReader(feed: ReturnType<typeof createTailFeed<Item>>, tenantId = tenant) {
  let since = startPosition;
  return async (limit = 100): Promise<string> => {
    const items = await feed.next(bed.worker.$client, tenantId, since, limit);
    since = items.at(-1)?.at ?? since;
    return items.map((item) => item.name).join('');
  };
}

const tenant = mintTenantId(newId('tenant'));

describe('the shared tail', () => {
  it('reads once for all, and gives those behind several stretches at a time', async () => {
    const { log, read } = makeLog('abcdef');
    const feed = createTailFeed(read, 3);
    const [fast, slow, slower] = [makeReader(feed), makeReader(feed), makeReader(feed)];
    log.readable = 2;
    expect(await fast()).toBe('ab');
    expect(await slow()).toBe('ab');
    log.readable = 4;
    expect(await fast()).toBe('cd');
    log.readable = 6;
    expect(await fast()).toBe('ef');
    expect(await slow()).toBe('cdef');
    expect(await slower()).toBe('abcdef');
    expect(log.reads).toEqual(['ab', 'cd', 'ef']);
  });

  it('forgets what all have read, and reads again for whoever comes back', async () => {
    const { log, read } = makeLog('ab');
    const feed = createTailFeed(read, 2);
    await makeReader(feed)();
    await makeReader(feed)();
    expect(await makeReader(feed)()).toBe('ab');
    expect(log.reads).toEqual(['ab', 'ab']);
  });

  it('cuts a stretch for a reader that takes less, without losing the rest', async () => {
    const { read } = makeLog('abcd');
    const feed = createTailFeed(read, 2);
    const careful = makeReader(feed);
    await makeReader(feed)();
    expect([await careful(1), await careful(1), await careful(), await careful()]).toEqual([
      'a',
      'b',
      'cd',
      '',
    ]);
  });

  it('waits for a read under way instead of reading the same', async () => {
    const { log, read } = makeLog('ab');
    const feed = createTailFeed(read, 2);
    expect(await Promise.all([makeReader(feed)(), makeReader(feed)()])).toEqual(['ab', 'ab']);
    expect(log.reads).toEqual(['ab']);
  });

  it('keeps nothing of a read that failed, nor of the empty end', async () => {
    const { log, read } = makeLog('ab');
    log.failures = 1;
    const feed = createTailFeed(read, 2);
    const reader = makeReader(feed);
    await expect(reader()).rejects.toThrow('away');
    log.readable = 0;
    expect(await reader()).toBe('');
    log.readable = 2;
    expect(await reader()).toBe('ab');
  });

  it('tells tenants apart', async () => {
    const { log, read } = makeLog('ab');
    const feed = createTailFeed(read, 2);
    await makeReader(feed)();
    await makeReader(feed, mintTenantId(newId('tenant')))();
    expect(log.reads).toEqual(['ab', 'ab']);
  });
});
