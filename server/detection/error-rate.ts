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
  const known = state.buckets.filter((bucket) => bucket.at > oldest && bucket.at !== start);
  const own = state.buckets.find((bucket) => bucket.at === start);
  const bucket = {
    at: start,
    events: (own?.events ?? 0) + 1,
    errors: (own?.errors ?? 0) + (isError ? 1 : 0),
  };
  const buckets = [...known, bucket].toSorted((a, b) => a.at - b.at);
  const within = buckets.filter(
    (item) => item.at <= start && item.at > start - limits.errorRateWindowMs,
  );
  const events = within.reduce((sum, item) => sum + item.events, 0);
  const errors = within.reduce((sum, item) => sum + item.errors, 0);
  return { next: { buckets }, rate: events < limits.errorRateEventsMin ? null : errors / events };
}
