import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';

const bucketMs = 10_000;

/** Events and failures of one agent in buckets of ten seconds of event time, oldest first. */
export const errorRateSchema = z.object({
  buckets: z.array(
    z.object({ at: z.number(), events: z.number().int(), errors: z.number().int() }),
  ),
});
export type ErrorRate = z.infer<typeof errorRateSchema>;

export const noErrorRate: ErrorRate = { buckets: [] };

/**
 * Takes one event in and answers the share of failures in the five minutes that end with it, to the
 * width of a bucket. Null under the floor of events: a rate over three events is an anecdote. An
 * event older than what is remembered changes nothing.
 */
export function noteOutcome(
  state: ErrorRate,
  at: number,
  isError: boolean,
): { readonly next: ErrorRate; readonly rate: number | null } {
  const start = Math.floor(at / bucketMs) * bucketMs;
  const latest = Math.max(start, state.buckets.at(-1)?.at ?? start);
  const oldest = latest - limits.errorRateWindowMs;
  if (start <= oldest) return { next: state, rate: null };
  const { known, own } = splitBuckets(state.buckets, start, oldest);
  const bucket = {
    at: start,
    events: (own?.events ?? 0) + 1,
    errors: (own?.errors ?? 0) + (isError ? 1 : 0),
  };
  const buckets = [...known, bucket];
  // An event of the newest bucket is the rule: then they are in order as they are.
  if (start < latest) buckets.sort((a, b) => a.at - b.at);
  let events = 0;
  let errors = 0;
  for (const item of buckets) {
    if (item.at > start || item.at <= start - limits.errorRateWindowMs) continue;
    events += item.events;
    errors += item.errors;
  }
  return { next: { buckets }, rate: events < limits.errorRateEventsMin ? null : errors / events };
}

type Bucket = ErrorRate['buckets'][number];

/** What is remembered still, without the bucket that begins at `start`, and that bucket. */
function splitBuckets(buckets: readonly Bucket[], start: number, oldest: number) {
  const known: Bucket[] = [];
  let own: Bucket | undefined;
  for (const bucket of buckets) {
    if (bucket.at === start) own = bucket;
    else if (bucket.at > oldest) known.push(bucket);
  }
  return { known, own };
}
