import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import type { Db, Tx } from '#db/client.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import type { PermissionName } from '#server/kernel/permissions.ts';
import type { Position } from './position.ts';
import { createSetbacks } from './setbacks.ts';
import { createShardLeader } from './shard-leader.ts';
import {
  findTenantsBehind,
  findTenantsKnown,
  moveCursor,
  type TenantBehind,
} from './tail-cursor.ts';
import type { FeedItem, TailFeed } from './tail-feed.ts';

/**
 * Something that reads the log of every tenant in its order and derives from it, exactly once: what
 * it writes and its cursor commit together.
 */
export interface TailConsumer<Item extends FeedItem> {
  /** Name of its cursors; never changed once released. */
  readonly name: string;
  /** What its system actor must be allowed. */
  readonly permission: PermissionName;
  /** Most events of one transaction. */
  readonly itemsMax: number;
  /**
   * How long it rests when it has caught up, in milliseconds, `limits.livePollMs` when absent. What
   * gathers meanwhile is one batch: going on at once made a batch of a handful of events, and the
   * fixed cost of a batch is that of a hundred.
   */
  readonly restMs?: number;
  /**
   * Everything dear: reads of its own earlier results and computing, before the write transaction
   * opens. Answers what has to be written. Nobody else moves this consumer's cursor between the two,
   * or the write is rolled back.
   */
  readonly derive: (
    ctx: Ctx,
    items: readonly Item[],
    since: Position,
  ) => Promise<(tx: Tx) => Promise<void>>;
  /**
   * What the passing of time alone brings about in a tenant whose log does not go on: looked for this
   * often. Answers null when there is nothing; what has to be written is rolled back, as that of
   * `derive`, when the cursor has moved meanwhile.
   */
  readonly rest?: {
    readonly everyMs: number;
    readonly derive: (ctx: Ctx, since: Position) => Promise<((tx: Tx) => Promise<void>) | null>;
  };
  /**
   * What was derived of the items up to `last` is committed, and by nobody else. Not called when the
   * batch failed, nor when its end is unknown because the connection was lost.
   */
  readonly committed?: (tenantId: TenantId, last: Position) => void;
}

export interface TailRunnerOptions<Item extends FeedItem> {
  /** The worker's login. */
  readonly db: Db;
  /** A pool of one connection of the same login, for leadership alone; runners may share it. */
  readonly leaderSession: Sql;
  readonly log: Log;
  /** Where the events come from; runners of one process share it. */
  readonly feed: TailFeed<Item>;
  /** Monotonic milliseconds; tests turn it. */
  readonly nowMs?: () => number;
}

export interface TailRunner {
  /** Polls until closed. */
  readonly start: () => void;
  /** One batch of every tenant that is behind; answers how many events that were. */
  readonly pass: () => Promise<number>;
  /** Ends the batch in hand, gives leadership up. Safe to call twice. */
  readonly close: () => Promise<void>;
}

/**
 * Runs one consumer over all tenants of the shards that this process leads. A tenant that fails
 * waits by itself with growing delays; the others go on.
 */
export function createTailRunner<Item extends FeedItem>(
  consumer: TailConsumer<Item>,
  options: TailRunnerOptions<Item>,
): TailRunner {
  const { db, feed, log } = options;
  const nowMs = options.nowMs ?? (() => performance.now());
  const leader = createShardLeader(options.leaderSession, consumer.name);
  const setbacks = createSetbacks(consumer.itemsMax);
  const stop = new AbortController();
  const rest = createRests(consumer, db, log, nowMs);
  let shards: readonly number[] = [];
  let renewedAtMs = Number.NEGATIVE_INFINITY;
  let loop: Promise<void> | null = null;

  async function step(tenant: TenantBehind): Promise<number> {
    const itemsMax = setbacks.allowance(tenant.tenantId, nowMs());
    if (itemsMax === 0) return 0;
    try {
      const done = await consumeBatch(consumer, db, feed, tenant, itemsMax);
      setbacks.onSuccess(tenant.tenantId);
      return done;
    } catch (error) {
      const delayMs = setbacks.onFailure(tenant.tenantId, nowMs());
      log.error(
        { consumer: consumer.name, tenantId: tenant.tenantId, delayMs, err: error },
        'a tenant’s batch failed; it is tried again',
      );
      return 0;
    }
  }

  async function pass(): Promise<number> {
    if (nowMs() - renewedAtMs >= limits.tailRenewMs) {
      shards = [];
      shards = await leader.renew();
      renewedAtMs = nowMs();
    }
    if (shards.length === 0) return 0;
    const behind = await findTenantsBehind(db.$client, consumer.name, shards);
    let done = 0;
    for (const tenant of behind) {
      if (stop.signal.aborted) break;
      done += await step(tenant);
    }
    await rest(shards, stop.signal);
    return done;
  }

  async function passOrForget(): Promise<number> {
    try {
      const isBehind = (await pass()) >= limits.tailBehindEvents;
      return isBehind ? 0 : (consumer.restMs ?? limits.livePollMs);
    } catch (error) {
      shards = [];
      renewedAtMs = Number.NEGATIVE_INFINITY;
      log.warn({ consumer: consumer.name, err: error }, 'the log cannot be read now');
      return limits.tailRetryMsMin;
    }
  }

  return {
    start: () => {
      loop ??= pollUntil(stop.signal, passOrForget);
    },
    pass,
    close: async () => {
      stop.abort();
      await loop;
      shards = [];
      await leader.close();
    },
  };
}

/** Reads, derives and commits one batch; answers its size, 0 when another process was first. */
async function consumeBatch<Item extends FeedItem>(
  consumer: TailConsumer<Item>,
  db: Db,
  feed: TailFeed<Item>,
  tenant: TenantBehind,
  itemsMax: number,
): Promise<number> {
  const { tenantId, cursor } = tenant;
  const ctx = contextOf(consumer, db, tenantId);
  const items = await feed.next(db.$client, tenantId, cursor, itemsMax);
  const last = items.at(-1);
  if (last === undefined) return 0;
  const write = await consumer.derive(ctx, items, cursor);
  let isOurs = false;
  // no-audit: what is derived from the log changes nothing that the log does not say.
  await withTransaction(ctx, async (tx) => {
    isOurs = await moveCursor(tx, tenantId, consumer.name, cursor, last.at);
    if (isOurs) await write(tx);
  });
  if (!isOurs) return 0;
  consumer.committed?.(tenantId, last.at);
  return items.length;
}

/** Lets the tenants of shards do what time alone brings about, when that is due; each fails alone. */
function createRests<Item extends FeedItem>(
  consumer: TailConsumer<Item>,
  db: Db,
  log: Log,
  nowMs: () => number,
): (shards: readonly number[], signal: AbortSignal) => Promise<void> {
  let restedAtMs = nowMs();
  return async (shards, signal) => {
    if (consumer.rest === undefined || nowMs() - restedAtMs < consumer.rest.everyMs) return;
    restedAtMs = nowMs();
    for (const tenant of await findTenantsKnown(db.$client, consumer.name, shards)) {
      if (signal.aborted) return;
      try {
        await restTenant(consumer, db, tenant);
      } catch (error) {
        const { tenantId } = tenant;
        const said = 'what is due for a tenant failed; it is tried again';
        log.error({ consumer: consumer.name, tenantId, err: error }, said);
      }
    }
  };
}

async function restTenant<Item extends FeedItem>(
  consumer: TailConsumer<Item>,
  db: Db,
  { tenantId, cursor }: TenantBehind,
): Promise<void> {
  const ctx = contextOf(consumer, db, tenantId);
  const write = (await consumer.rest?.derive(ctx, cursor)) ?? null;
  if (write === null) return;
  // no-audit: what is derived from the log changes nothing that the log does not say.
  await withTransaction(ctx, async (tx) => {
    // The cursor stays where it is; nobody may have moved it since it was read.
    if (await moveCursor(tx, tenantId, consumer.name, cursor, cursor)) await write(tx);
  });
}

function contextOf<Item extends FeedItem>(
  consumer: TailConsumer<Item>,
  db: Db,
  tenantId: TenantId,
): Ctx {
  const ctx: Ctx = {
    db,
    tenantId,
    actor: { type: 'system', name: `system:${consumer.name}` },
    requestId: `tail-${randomUUID()}`,
  };
  requirePermission(ctx, consumer.permission);
  return ctx;
}

/** Calls `work` again and again; it answers how long to rest, in milliseconds. */
async function pollUntil(signal: AbortSignal, work: () => Promise<number>): Promise<void> {
  while (!signal.aborted) {
    const restMs = await work();
    if (restMs > 0) await wait(restMs, signal);
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
