import { z } from 'zod';
import { sha256Hex } from '#server/kernel/hash.ts';
import { slugifyAgent } from '#server/ingest/normalise/agent-slug.ts';
import type { Json, WireEvent } from '#server/telemetry/contract.ts';
import { jsonSchema } from '#server/telemetry/contract.ts';

/**
 * One line of a replay file. Labels and marks of an attack are left out of the schema on purpose:
 * what is not parsed cannot be posted. Only the suite is read, for the agent's name.
 */
export const recordedTraceSchema = z.object({
  source: z.string().min(1),
  id: z.string().min(1),
  model: z.string().nullish(),
  messages: z.array(
    z.object({
      role: z.enum(['system', 'user', 'assistant', 'tool']),
      content: jsonSchema.nullish(),
      tool_calls: z.array(z.object({ name: z.string(), args: jsonSchema.nullish() })).nullish(),
      tool_name: z.string().nullish(),
      error: jsonSchema.nullish(),
    }),
  ),
  labels: z.object({ suite: z.string().nullish() }).nullish(),
});
export type RecordedTrace = z.infer<typeof recordedTraceSchema>;
type RecordedMessage = RecordedTrace['messages'][number];

/** Where time starts unless `--base` says otherwise. */
export const replayBase = '2026-01-01T00:00:00Z';

const lineMs = 600_000;
const messageMs = 1_000;
const durationMs = 900;
/** Unit separator: in no id, so no two different sources and ids give one text. */
const separator = '\u001f';

/**
 * A recorded trace as the events that `replay` posts, in the order in which they happened (contract
 * section 3). A call and its answer are one event, posted when complete. `line` counts from 0,
 * `base` is a time in milliseconds since 1970. Pure: the same line gives the same events.
 */
export function mapRecordedTrace(trace: RecordedTrace, line: number, base: number): WireEvent[] {
  const answers = pairAnswers(trace.messages);
  const answered = new Set(answers.values());
  const facts = factsOf(trace);
  const events: WireEvent[] = [];
  for (const [at, message] of trace.messages.entries()) {
    const startMs = base + line * lineMs + at * messageMs;
    const event = (callIndex: number): Place => ({
      ...facts,
      messageIndex: at,
      callIndex,
      startMs,
    });
    if (message.role === 'assistant') {
      events.push(llmCall(event(-1), trace, message));
      for (const [callAt, call] of (message.tool_calls ?? []).entries()) {
        const answer = answers.get(callKey(at, callAt));
        events.push(
          toolCall(event(callAt), call, answer === undefined ? null : trace.messages[answer]),
        );
      }
    } else if (message.role !== 'tool') {
      events.push(userMessage(event(-1), message));
    } else if (!answered.has(at)) {
      events.push(orphan(event(-1), message));
    }
  }
  return events;
}

const callKey = (messageAt: number, callAt: number) => `${messageAt}:${callAt}`;

/** Each call → the message that answers it: the oldest unanswered call of that name takes it. */
function pairAnswers(messages: readonly RecordedMessage[]): Map<string, number> {
  const waiting = new Map<string, string[]>();
  const answers = new Map<string, number>();
  for (const [at, message] of messages.entries()) {
    for (const [callAt, call] of (message.tool_calls ?? []).entries()) {
      const queue = waiting.get(call.name) ?? [];
      waiting.set(call.name, [...queue, callKey(at, callAt)]);
    }
    if (message.role !== 'tool') continue;
    const call = waiting.get(message.tool_name ?? '')?.shift();
    if (call !== undefined) answers.set(call, at);
  }
  return answers;
}

interface TraceFacts {
  readonly source: string;
  readonly id: string;
  readonly traceId: string;
  readonly sessionId: string;
  readonly agent: string;
}

function factsOf(trace: RecordedTrace): TraceFacts {
  const hash = sha256Hex([trace.source, trace.id].join(separator)).slice(0, 32);
  const suite = trace.labels?.suite;
  const name = suite ? `${trace.source}/${suite}` : trace.source;
  return {
    source: trace.source,
    id: trace.id,
    traceId: hash,
    sessionId: `rp-${hash}`,
    agent: slugifyAgent(name) ?? 'replay',
  };
}

/** Where an event stands in its trace; `callIndex` is -1 for what is no call. */
interface Place extends TraceFacts {
  readonly messageIndex: number;
  readonly callIndex: number;
  readonly startMs: number;
}

function hashOf(place: Place, callIndex = place.callIndex): string {
  const parts = [place.source, place.id, place.messageIndex, callIndex];
  return sha256Hex(parts.join(separator));
}

function common(place: Place, isError: boolean): Omit<WireEvent, 'kind'> {
  const hash = hashOf(place);
  return {
    id: `rp-${hash.slice(0, 32)}`,
    traceId: place.traceId,
    spanId: hash.slice(0, 16),
    sessionId: place.sessionId,
    agent: place.agent,
    startedAt: new Date(place.startMs).toISOString(),
    endedAt: new Date(place.startMs + durationMs).toISOString(),
    status: isError ? 'error' : 'ok',
  };
}

function userMessage(place: Place, message: RecordedMessage): WireEvent {
  return {
    ...common(place, isError(message)),
    kind: 'user_message',
    name: message.role === 'system' ? 'system' : null,
    input: message.content ?? null,
    error: message.error ?? null,
  };
}

function llmCall(place: Place, trace: RecordedTrace, message: RecordedMessage): WireEvent {
  return {
    ...common(place, isError(message)),
    kind: 'llm_call',
    name: trace.model ?? null,
    model: trace.model ?? null,
    output: message.content ?? null,
    error: message.error ?? null,
  };
}

function toolCall(
  place: Place,
  call: { readonly name: string; readonly args?: Json | undefined },
  answer: RecordedMessage | null | undefined,
): WireEvent {
  return {
    ...common(place, isError(answer)),
    kind: 'tool_call',
    // The model's call that asked for it, one index before the first of its calls.
    parentSpanId: hashOf(place, -1).slice(0, 16),
    name: call.name,
    input: call.args ?? null,
    ...answerOf(answer),
  };
}

function orphan(place: Place, message: RecordedMessage): WireEvent {
  return {
    ...common(place, isError(message)),
    kind: 'tool_call',
    name: message.tool_name ?? null,
    input: null,
    ...answerOf(message),
    attributes: { orphan: true },
  };
}

function answerOf(answer: RecordedMessage | null | undefined): Partial<WireEvent> {
  if (!answer) return { output: null };
  return {
    output: answer.content ?? null,
    error: answer.error ?? null,
    source: { trust: 'untrusted' },
  };
}

function isError(message: RecordedMessage | null | undefined): boolean {
  return message?.error !== undefined && message.error !== null && message.error !== '';
}
