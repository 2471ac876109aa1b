import type { Sql, TransactionSql } from 'postgres';
import { LRUCache } from 'lru-cache';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Position } from './position.ts';

/** What a feed knows of an item: its place, and what it weighs. */
export interface FeedItem {
  readonly at: Position;
  /** Bytes of its payload; none when absent. */
  readonly bodyBytes?: number;
}

/** The log as the readers of one process get it. */
export interface TailFeed<Item extends FeedItem> {
  /** The next items of a tenant after `since`, oldest first, at most `limit`; empty at the end. */
  readonly next: (
    client: Sql,
    tenantId: TenantId,
    since: Position,
    limit: number,
  ) => Promise<readonly Item[]>;
}

/**
 * Reads the next items after `since` from the database, oldest first, below the horizon. Runs
 * read-only with the tenant set: a transaction without an id of its own does not hold the horizon
 * back.
 */
export type ReadItems<Item> = (
  tx: TransactionSql,
  tenantId: TenantId,
  since: Position,
  limit: number,
) => Promise<readonly Item[]>;

/** A stretch of the log without gaps, kept under the place after which it begins. */
interface Stretch<Item> {
  readonly items: readonly Item[];
  /** Readers that have yet to come by. */
  waiting: number;
}

/** What one item weighs beside its payload. */
const itemBytes = 1000;

/**
 * Lets `readers` share what each of them would read alone: the first to come reads, the others are
 * given the same items, several stretches at once when they are behind. What lies below the horizon
 * never changes, so a stretch is true for as long as it is kept: until all have come by, for
 * `limits.tailFeedMs` at most, because a payload may be erased meanwhile. Whoever asks for what is
 * not kept (its batch failed, or it is far behind) reads by itself.
 */
export function createTailFeed<Item extends FeedItem>(
  read: ReadItems<Item>,
  readers = 1,
): TailFeed<Item> {
  const kept = new LRUCache<string, Stretch<Item>>({
    maxSize: limits.tailFeedBytesMax,
    sizeCalculation: ({ items }) =>
      items.reduce((sum, item) => sum + (item.bodyBytes ?? 0) + itemBytes, 1),
    ttl: limits.tailFeedMs,
    ttlAutopurge: true,
  });
  const reading = new Map<string, Promise<readonly Item[]>>();

  const readFresh = async (client: Sql, ...[tenantId, since, limit]: Place) => {
    const items = await readBatch(client, read, tenantId, since, limit);
    if (readers > 1 && items.length > 0) {
      kept.set(nameOf(tenantId, since), { items, waiting: readers - 1 });
    }
    return items;
  };

  return {
    next: async (client, tenantId, since, limit) => {
      const place = `${nameOf(tenantId, since)} ${limit}`;
      const underWay = reading.get(place);
      if (underWay) await underWay;
      const found = takeKept(kept, tenantId, since, limit);
      if (found.length > 0) return found;
      const fresh = readFresh(client, tenantId, since, limit);
      reading.set(place, fresh);
      try {
        return await fresh;
      } finally {
        reading.delete(place);
      }
    },
  };
}

type Place = readonly [tenantId: TenantId, since: Position, limit: number];

function nameOf(tenantId: TenantId, { incarnation, xid, seq }: Position): string {
  return `${tenantId} ${incarnation} ${xid} ${seq}`;
}

/** What is kept after `since`: the first stretch as far as it fits, and whole ones behind it. */
function takeKept<Item extends FeedItem>(
  kept: LRUCache<string, Stretch<Item>>,
  tenantId: TenantId,
  since: Position,
  limit: number,
): readonly Item[] {
  const taken: Item[] = [];
  let at = since;
  for (;;) {
    const name = nameOf(tenantId, at);
    const stretch = kept.get(name);
    const last = stretch?.items.at(-1)?.at;
    if (stretch === undefined || last === undefined) return taken;
    if (taken.length + stretch.items.length > limit) {
      return taken.length > 0 ? taken : stretch.items.slice(0, limit);
    }
    taken.push(...stretch.items);
    stretch.waiting -= 1;
    if (stretch.waiting <= 0) kept.delete(name);
    at = last;
  }
}

async function readBatch<Item>(
  client: Sql,
  read: ReadItems<Item>,
  ...[tenantId, since, limit]: Place
): Promise<readonly Item[]> {
  const holder: { items: readonly Item[] } = { items: [] };
  await client.begin('read only', async (tx) => {
    // A log is read along its index, however little the planner knows yet of today's partition.
    await tx`select set_config('app.tenant', ${uuidOf(tenantId)}, true),
      set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
      set_config('enable_hashjoin', 'off', true), set_config('enable_seqscan', 'off', true)`;
    holder.items = await read(tx, tenantId, since, limit);
  });
  return holder.items;
}
