import { z } from 'zod';
import { sha256Hex } from '#server/kernel/hash.ts';
import { limits } from '#server/kernel/limits.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/** What has been counted of an agent's latest traces, the least recently seen first. */
export const traceTalliesSchema = z.object({
  traces: z.array(
    z.object({
      id: z.string(),
      /** Digest of the last call's tool and arguments; empty before the first. */
      call: z.string(),
      /** How often that call came in a row. */
      repeats: z.number().int().nonnegative(),
      calls: z.number().int().nonnegative(),
      tokens: z.number().nonnegative(),
    }),
  ),
});
export type TraceTallies = z.infer<typeof traceTalliesSchema>;
export type TraceTally = TraceTallies['traces'][number];

export const noTallies: TraceTallies = { traces: [] };

/**
 * Takes an event into the count of its trace, in the order of the log, and answers the count with it.
 * Null for an event that counts for nothing: a rule over the count then has nothing new to see. A
 * call counts when it begins, what a model used when the call has ended.
 */
export function noteTally(
  state: TraceTallies,
  event: StoredEvent,
): { readonly next: TraceTallies; readonly tally: TraceTally | null } {
  const isCall = event.kind === 'tool_call' && event.phase !== 'end' && event.revision === 0;
  const tokens = tokensOf(event);
  if (!isCall && tokens === 0) return { next: state, tally: null };
  const known = state.traces.find(({ id }) => id === event.traceId);
  const before = known ?? { id: event.traceId, call: '', repeats: 0, calls: 0, tokens: 0 };
  const call = isCall ? callDigest(event) : before.call;
  const tally = {
    id: event.traceId,
    call,
    repeats: !isCall ? before.repeats : call === before.call ? before.repeats + 1 : 1,
    calls: before.calls + (isCall ? 1 : 0),
    tokens: before.tokens + tokens,
  };
  const others = state.traces.filter((trace) => trace !== known);
  const traces = [...others, tally].slice(-limits.talliedTracesMax);
  return { next: { traces }, tally };
}

/** All tokens that a model call says it used; 0 where it says nothing or is not over. */
export function tokensOf(event: StoredEvent): number {
  if (event.kind !== 'llm_call' || event.phase === 'start' || event.revision > 0) return 0;
  const { usage } = event.body;
  const count = (value: unknown) => (typeof value === 'number' && value > 0 ? value : 0);
  const parts = count(usage?.['inputTokens']) + count(usage?.['outputTokens']);
  return Math.max(parts, count(usage?.['totalTokens']));
}

function callDigest({ name, body }: StoredEvent): string {
  return sha256Hex(`${name ?? ''}\n${JSON.stringify(body.input)}`).slice(0, 16);
}
