import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import type { LiveBatch, LiveControl } from './contract.ts';
import type { AlertSignals } from './alert-signals.ts';
import type { ControlSignal, ControlSignals } from './control-signals.ts';
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
  /** Told by the signals and not delivered yet: alerts that were opened, and the control plane. */
  opened: string[];
  control: LiveControl[];
  /** A signal may have been missed. */
  isControlLost: boolean;
  /** Ends the pause before the next poll. */
  wake: AbortController;
  unsubscribe: () => void;
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

/**
 * The hub of a process; polls only tenants that somebody watches. Signals of the control plane are told
 * at once, beside the poll's rhythm.
 */
export function createLiveHub(
  log: Log,
  signals: ControlSignals | null = null,
  alertSignals: AlertSignals | null = null,
): LiveHub {
  const channels = new Map<TenantId, Channel>();
  const closing = new AbortController();

  const poll = async (ctx: Ctx, channel: Channel): Promise<void> => {
    while (channel.listeners.size > 0 && !closing.signal.aborted) {
      const startedAt = performance.now();
      try {
        const opened = channel.opened.splice(0);
        const { cursor, batch } = await readChanges(ctx, channel.cursor, opened);
        channel.cursor = cursor;
        channel.started.resolve();
        const told = withControl(batch, channel);
        if (isNews(told, channel)) deliver(channel, told);
      } catch (error) {
        // Silence tells the browser: its badge turns to "behind", then to "lost".
        log.warn({ err: error }, 'live changes could not be read');
      }
      const restMs = Math.max(0, limits.livePollMs - (performance.now() - startedAt));
      await pause(restMs, AbortSignal.any([closing.signal, channel.wake.signal]));
      if (channel.wake.signal.aborted) channel.wake = new AbortController();
    }
    channel.unsubscribe();
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
      control: [],
      opened: [],
      isControlLost: false,
      wake: new AbortController(),
      unsubscribe: () => undefined,
    };
    const ends = [
      signals?.subscribe(ctx.tenantId, (signal) => note(made, signal)),
      alertSignals?.subscribe(ctx.tenantId, (alertId) => noteOpened(made, alertId)),
    ];
    made.unsubscribe = () => ends.forEach((end) => end?.());
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

function note(channel: Channel, signal: ControlSignal | null): void {
  if (signal === null || channel.control.length >= limits.liveBacklogItemsMax) {
    channel.isControlLost = true;
  } else {
    const { noun, subjectId, change, agentId } = signal;
    channel.control.push({ noun, subjectId, change, agentId });
  }
  channel.wake.abort();
}

/** Of a flood the poll tells. */
function noteOpened(channel: Channel, alertId: string): void {
  if (channel.opened.length < limits.liveEventsPerBatchMax) channel.opened.push(alertId);
  channel.wake.abort();
}

/** The batch with what the signals told meanwhile, which it takes from the channel. */
function withControl(batch: LiveBatch, channel: Channel): LiveBatch {
  const isResync = batch.isResync || channel.isControlLost;
  const control = channel.control.splice(0);
  channel.isControlLost = false;
  return { ...batch, control, isResync };
}

function isNews(batch: LiveBatch, channel: Channel): boolean {
  const isChanged =
    batch.events.length > 0 ||
    batch.alerts.length > 0 ||
    batch.control.length > 0 ||
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
      queue.splice(0, queue.length, {
        ...batch,
        events: [],
        alerts: [],
        control: [],
        isResync: true,
      });
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
        const isNamed = batch.isResync || batch.control.length > 0;
        if (!isNamed && BigInt(cursor.eventXid) < BigInt(told.eventXid)) continue;
        yield batch.isResync ? batch : trimBatch(batch, told);
        if (BigInt(cursor.eventXid) >= BigInt(told.eventXid)) told = cursor;
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
    // A signal that came while the poll was under way tells no more.
    if (signal.aborted) done();
  });
}
