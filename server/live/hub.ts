import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import type { LiveBatch } from './contract.ts';
import { decodeLiveCursor, type LiveCursor, readChanges, trimBatch } from './read-changes.ts';

type Listener = (batch: LiveBatch) => void;

interface Channel {
  cursor: LiveCursor | null;
  readonly listeners: Set<Listener>;
  /** Batches of the last moments, for streams that resume where they were cut. */
  /** Settles with the first successful poll: before it the channel has no place in the log. */
  readonly started: PromiseWithResolvers<void>;
  lastDerived: string;
  lastSentAt: number;
}

/** Fans changes out to the open streams of one process: one poll per tenant, whoever listens. */
export interface LiveHub {
  /**
   * Batches from `lastEventId` (or from now) on, until the signal aborts. A reader that falls too
   * far behind gets a batch that says `isResync`.
   */
  readonly follow: (
    ctx: Ctx,
    lastEventId: string | null,
    signal: AbortSignal,
  ) => AsyncGenerator<LiveBatch>;
  readonly close: () => void;
}

/** A sign of life goes out when nothing changed for this long. */
const pulseMs = 2_000;

/** The hub of a process; polls only tenants that somebody watches. */
export function createLiveHub(log: Log): LiveHub {
  const channels = new Map<TenantId, Channel>();
  const closing = new AbortController();

  const poll = async (ctx: Ctx, channel: Channel): Promise<void> => {
    while (channel.listeners.size > 0 && !closing.signal.aborted) {
      const startedAt = performance.now();
      try {
        const { cursor, batch } = await readChanges(ctx, channel.cursor);
        channel.cursor = cursor;
        channel.started.resolve();
        if (isNews(batch, channel)) deliver(channel, batch);
      } catch (error) {
        // Silence tells the browser: its badge turns to "behind", then to "lost".
        log.warn({ err: error }, 'live changes could not be read');
      }
      await pause(Math.max(0, limits.livePollMs - (performance.now() - startedAt)), closing.signal);
    }
    channels.delete(ctx.tenantId);
  };

  const join = (ctx: Ctx, listener: Listener): Channel => {
    const existing = channels.get(ctx.tenantId);
    if (existing) {
      existing.listeners.add(listener);
      return existing;
    }
    const made: Channel = {
      cursor: null,
      listeners: new Set([listener]),
      started: Promise.withResolvers(),
      lastDerived: '',
      lastSentAt: 0,
    };
    channels.set(ctx.tenantId, made);
    void poll(ctx, made);
    return made;
  };

  return {
    follow: (ctx, lastEventId, signal) =>
      followChannel(ctx, join, lastEventId, AbortSignal.any([signal, closing.signal])),
    close: () => closing.abort(),
  };
}

function isNews(batch: LiveBatch, channel: Channel): boolean {
  const isChanged =
    batch.events.length > 0 ||
    batch.alerts.length > 0 ||
    batch.isResync ||
    JSON.stringify(batch.derived) !== channel.lastDerived;
  return isChanged || performance.now() - channel.lastSentAt >= pulseMs;
}

function deliver(channel: Channel, batch: LiveBatch): void {
  channel.lastSentAt = performance.now();
  channel.lastDerived = JSON.stringify(batch.derived);
  for (const listener of channel.listeners) listener(batch);
}

/** Subscribe first, then back-fill what was missed, then follow: nothing falls in between. */
async function* followChannel(
  ctx: Ctx,
  join: (ctx: Ctx, listener: Listener) => Channel,
  lastEventId: string | null,
  signal: AbortSignal,
): AsyncGenerator<LiveBatch> {
  const queue: LiveBatch[] = [];
  let wake: () => void = () => undefined;
  const listener: Listener = (batch) => {
    if (queue.length >= limits.liveBacklogItemsMax) {
      queue.splice(0, queue.length, { ...batch, events: [], alerts: [], isResync: true });
    } else queue.push(batch);
    wake();
  };
  const channel = join(ctx, listener);
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      wake();
      resolve();
    });
  });
  try {
    await Promise.race([channel.started.promise, aborted]);
    if (signal.aborted) return;
    const since = decodeLiveCursor(lastEventId);
    const first = await readChanges(ctx, since);
    let told = first.cursor;
    yield {
      ...first.batch,
      isResync: first.batch.isResync || (lastEventId !== null && since === null),
    };
    while (!signal.aborted) {
      const batch = queue.shift();
      if (batch === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted || queue.length > 0) resolve();
        });
      } else {
        // Read before the back-fill: all of it was told.
        const cursor = decodeLiveCursor(batch.id) ?? told;
        if (!batch.isResync && BigInt(cursor.eventXid) < BigInt(told.eventXid)) continue;
        yield batch.isResync ? batch : trimBatch(batch, told);
        told = cursor;
      }
    }
  } finally {
    channel.listeners.delete(listener);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
