import { z } from 'zod';
import { systemDigestOf } from '#server/detection/system-digest.ts';
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
      /** What the guard saw in what came back to the agent, see {@link foundIn}. */
      found: z.array(z.string()),
      /** Digests of the instructions, and names of the models, of its model calls, each once. */
      prompts: z.array(z.string()),
      models: z.array(z.string()),
    }),
  ),
});
export type TraceTallies = z.infer<typeof traceTalliesSchema>;
type Counted = TraceTallies['traces'][number];

/** The count of a trace with one event in it, and what that event is to what came before. */
export interface TraceTally extends Pick<Counted, 'repeats' | 'calls' | 'tokens'> {
  /** What the guard had seen in this trace before the event. */
  readonly found: readonly string[];
  /** A model call under other instructions, or of a third model or a later one, in this trace. */
  readonly isPromptNew: boolean;
  readonly isModelNew: boolean;
}

export const noTallies: TraceTallies = { traces: [] };

const fresh = { call: '', repeats: 0, calls: 0, tokens: 0, found: [], prompts: [], models: [] };
/** Prompts and models remembered of one trace. */
const distinctMax = 8;

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
  const isModelCall = event.kind === 'llm_call' && event.phase !== 'end' && event.revision === 0;
  const tokens = tokensOf(event);
  const found = foundIn(event);
  if (!isCall && !isModelCall && tokens === 0 && found.length === 0) {
    return { next: state, tally: null };
  }
  const known = state.traces.find(({ id }) => id === event.traceId);
  const before: Counted = known ?? { id: event.traceId, ...fresh };
  const call = isCall ? callDigest(event) : before.call;
  const prompts = withOne(before.prompts, isModelCall ? systemDigestOf(event) : undefined);
  const models = withOne(before.models, isModelCall ? event.model : undefined);
  const counted: Counted = {
    id: event.traceId,
    call,
    repeats: !isCall ? before.repeats : call === before.call ? before.repeats + 1 : 1,
    calls: before.calls + (isCall ? 1 : 0),
    tokens: before.tokens + tokens,
    found: found.reduce<string[]>(withOne, before.found),
    prompts,
    models,
  };
  const traces = state.traces.filter((trace) => trace !== known);
  traces.push(counted);
  if (traces.length > limits.talliedTracesMax) traces.shift();
  const tally = {
    repeats: counted.repeats,
    calls: counted.calls,
    tokens: counted.tokens,
    found: before.found,
    isPromptNew: prompts !== before.prompts && before.prompts.length > 0,
    isModelNew: models !== before.models && before.models.length > 1,
  };
  return { next: { traces }, tally };
}

/** The list with one more, where it is not in it and there is room; the same list otherwise. */
function withOne(list: string[], item: string | null | undefined): string[] {
  const isKept = item === null || item === undefined || list.includes(item);
  return isKept || list.length >= distinctMax ? list : [...list, item];
}

/** A secret in what a tool returned; text that no person sees, in what nobody vouches for. */
function foundIn(event: StoredEvent): string[] {
  if (event.findings.length === 0) return [];
  const isUntrusted = (event.trust ?? event.body.source.trust) === 'untrusted';
  return event.findings.flatMap(({ type, path, score }) => {
    if (type === 'secret') {
      const isReturned = path === '/output' || path.startsWith('/output/');
      return event.kind === 'tool_call' && isReturned ? [type] : [];
    }
    return type === 'hidden_text' && isUntrusted && score >= 0.7 ? [type] : [];
  });
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
