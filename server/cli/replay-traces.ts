import { setTimeout as wait } from 'node:timers/promises';
import type { WireEvent } from '#server/telemetry/contract.ts';
import { type Door, postEvents } from './post-events.ts';
import type { ReadTrace } from './read-traces.ts';
import { mapRecordedTrace } from './replay-mapping.ts';

/** What a replay did; `position` is that of the last event stored, null when none was new. */
export interface ReplaySummary {
  readonly traces: number;
  readonly events: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly retried: number;
  readonly seconds: number;
  readonly position: string | null;
}

export interface ReplayOptions {
  readonly door: Door;
  /** Event time passes this many times faster than ours; null: as fast as the door takes it. */
  readonly speed: number | null;
  /** Event time of the first line, ms since 1970. */
  readonly baseMs: number;
  /** Share of the file, 0–1, and what was stored so far. */
  readonly onProgress: (share: number, summary: ReplaySummary) => void;
  readonly onRejected: (event: WireEvent, code: string, detail: string) => void;
}

/** Well below the door's 1,000, so that one answer never takes long. */
const batchEventsMax = 500;
const batchCharsMax = 4 * 1024 * 1024;
/** At a given speed, what falls due within this time travels together. */
const paceMs = 200;

/**
 * Posts recorded traces in their order, one batch at a time: windows of rules go by event time, and
 * batches that overtake each other would come late for them. What was stored before counts as a
 * duplicate, so a replay may be repeated.
 */
export async function replayTraces(
  traces: AsyncIterable<ReadTrace>,
  options: ReplayOptions,
): Promise<ReplaySummary> {
  const startedMs = performance.now();
  const sums = { traces: 0, events: 0, accepted: 0, duplicates: 0, rejected: 0, retried: 0 };
  let position: string | null = null;
  let batch: WireEvent[] = [];
  let batchChars = 0;
  const summary = (): ReplaySummary => ({
    ...sums,
    seconds: Math.round(performance.now() - startedMs) / 1000,
    position,
  });
  const flush = async () => {
    if (batch.length === 0) return;
    const sent = batch;
    batch = [];
    batchChars = 0;
    const answer = await postEvents(options.door, sent, { onRetry: () => (sums.retried += 1) });
    sums.events += sent.length;
    sums.accepted += answer.accepted;
    sums.duplicates += answer.duplicates;
    sums.rejected += answer.rejected.length;
    position = answer.position ?? position;
    for (const { index, code, detail } of answer.rejected) {
      const event = sent[index];
      if (event) options.onRejected(event, code, detail);
    }
  };
  for await (const { trace, line, share } of traces) {
    for (const event of mapRecordedTrace(trace, line, options.baseMs)) {
      const waitMs = dueIn(event, options, performance.now() - startedMs);
      if (waitMs > paceMs) {
        await flush();
        await wait(waitMs);
      }
      const chars = JSON.stringify(event).length;
      if (batch.length >= batchEventsMax || batchChars + chars > batchCharsMax) await flush();
      batch.push(event);
      batchChars += chars;
    }
    sums.traces += 1;
    options.onProgress(share, summary());
  }
  await flush();
  options.onProgress(1, summary());
  return summary();
}

/** How long until an event falls due at the replay's speed, in ms; 0 when there is no pace. */
function dueIn(event: WireEvent, options: ReplayOptions, passedMs: number): number {
  if (options.speed === null) return 0;
  return (Date.parse(event.startedAt) - options.baseMs) / options.speed - passedMs;
}
