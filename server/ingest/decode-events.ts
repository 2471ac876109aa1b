import { z } from 'zod';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { isObject, setOwn } from '#server/ingest/clean-text.ts';
import type { NormalisedEvent, RejectedEvent } from '#server/ingest/contract.ts';
import { slugifyAgent } from '#server/ingest/normalise/agent-slug.ts';
import { parseStorableJson, readBoundedBody } from '#server/ingest/parse-json.ts';
import { sliceEvents } from '#server/ingest/slice-events.ts';
import { isStorableTime, storableYearMax, toUtc } from '#server/ingest/utc-time.ts';
import { defaultTrust } from '#server/ingest/default-trust.ts';
import { agentSlugSchema, wireEventSchema } from '#server/telemetry/contract.ts';
import type { EventFlag, Json, JsonObject } from '#server/telemetry/contract.ts';

/** What a native batch holds: events to redact and store, and those that cannot be. */
export interface DecodedEvents {
  readonly accepted: readonly NormalisedEvent[];
  readonly rejected: readonly RejectedEvent[];
}

/**
 * Inflated body of `POST /api/v1/events` → drafts. Each event is parsed for itself: a key that came
 * twice, an inexact number or an escaped text flags that event alone, and a bad event never costs
 * the batch. @throws AppError bad_request when the body is no batch at all
 */
export function decodeEvents(body: Uint8Array): DecodedEvents {
  const texts = sliceEvents(readBoundedBody(body));
  requireBatchSize(texts.length);
  return collect(texts, (text) => {
    const flags = new Set<EventFlag>();
    const value = parseStorableJson(text, flags);
    // The batch around it parsed, so only the events' own text can be broken.
    if (value === undefined) throw new AppError('bad_request', 'The body is not valid JSON.');
    return { value, flags };
  });
}

/**
 * The same for events that somebody else parsed (tRPC): what JSON cannot say is refused.
 * @throws AppError bad_request for too many events, too deep nesting, or a value that is no JSON
 */
export function readWireEvents(values: readonly unknown[]): DecodedEvents {
  requireBatchSize(values.length);
  return collect(values, (given) => {
    const flags = new Set<EventFlag>();
    const value = parseStorableJson(textOf(given), flags);
    if (value === undefined) {
      throw new AppError('bad_request', `Nest JSON at most ${limits.jsonDepthMax} levels deep.`);
    }
    return { value, flags };
  });
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (cause) {
    throw new AppError('bad_request', 'Send events that JSON can say: no cycles, no BigInt.', {
      cause,
    });
  }
}

function collect<Given>(
  events: readonly Given[],
  parse: (event: Given) => { value: Json; flags: Set<EventFlag> },
): DecodedEvents {
  const accepted: NormalisedEvent[] = [];
  const rejected: RejectedEvent[] = [];
  for (const [index, event] of events.entries()) {
    const { value, flags } = parse(event);
    const read = readEvent(value, index, flags);
    if ('draft' in read) accepted.push(read);
    else rejected.push(read);
  }
  return { accepted, rejected };
}

function requireBatchSize(count: number): void {
  if (count <= limits.eventsPerPostMax) return;
  throw new AppError(
    'bad_request',
    `Send at most ${limits.eventsPerPostMax} events in one request; this one has ${count}.`,
  );
}

/** Already parsed JSON needs no second validation of its insides, only of its place. */
const parsedJson = z.custom<Json>(() => true);
const storableTimeSchema = wireEventSchema.shape.startedAt.refine(
  isStorableTime,
  `must lie between 1970 and ${storableYearMax}`,
);
const parsedEventSchema = wireEventSchema.extend({
  agent: agentSlugSchema.nullish(),
  startedAt: storableTimeSchema,
  endedAt: storableTimeSchema.nullish(),
  input: parsedJson.nullish(),
  output: parsedJson.nullish(),
  error: parsedJson.nullish(),
  attributes: z.record(z.string(), parsedJson).nullish(),
});

function readEvent(
  value: Json,
  index: number,
  flags: Set<EventFlag>,
): NormalisedEvent | RejectedEvent {
  const parsed = parsedEventSchema.safeParse(value);
  if (!parsed.success) return rejection(index, parsed.error.issues[0]);
  const event = parsed.data;
  const attributes = gatherAttributes(value, flags);
  const kind = event.kind;
  const output = event.output ?? null;
  const draft = {
    id: event.id,
    traceId: event.traceId,
    spanId: event.spanId ?? null,
    parentSpanId: event.parentSpanId ?? null,
    sessionId: event.sessionId ?? null,
    conversationId: event.conversationId ?? null,
    agent: event.agent ?? null,
    instanceId: event.instanceId ?? null,
    user: event.user ?? null,
    kind,
    phase: event.phase ?? null,
    callId: event.callId ?? null,
    name: event.name ?? null,
    startedAt: toUtc(event.startedAt),
    endedAt: event.endedAt ? toUtc(event.endedAt) : null,
    status: event.status ?? 'unset',
    model: event.model ?? null,
    body: {
      input: event.input ?? null,
      output,
      error: event.error ?? null,
      usage: objectOrNull(memberOf(value, 'usage')),
      data: objectOrNull(memberOf(value, 'data')),
      source: {
        trust: event.source?.trust ?? defaultTrust(kind, output),
        origin: event.source?.origin ?? null,
      },
      attributes,
    },
    actionId: event.actionId ?? null,
    dialect: 'native' as const,
    flags: [...flags],
  };
  const spawned = kind === 'spawn' && draft.name !== null ? slugifyAgent(draft.name) : null;
  return { draft, isAgentExplicit: draft.agent !== null, spawned, index };
}

const knownKeys: ReadonlySet<string> = new Set(Object.keys(wireEventSchema.shape));
const knownSourceKeys: ReadonlySet<string> = new Set(['trust', 'origin']);

/**
 * The event's own attributes, every key that the contract does not know, and what `source` says
 * beyond trust and origin (as `source.<key>`); bounded. Read from the raw value, because zod leaves
 * `__proto__` out of what it copies.
 */
function gatherAttributes(value: Json, flags: Set<EventFlag>): Record<string, Json> {
  const entries = [
    ...entriesOf(memberOf(value, 'attributes')),
    ...entriesOf(value).filter(([key]) => !knownKeys.has(key)),
    ...entriesOf(memberOf(value, 'source'))
      .filter(([key]) => !knownSourceKeys.has(key))
      .map(([key, item]): [string, Json] => [`source.${key}`, item]),
  ];
  const attributes: Record<string, Json> = {};
  for (const [key, item] of entries.slice(0, limits.attributesMax)) setOwn(attributes, key, item);
  if (entries.length > limits.attributesMax) flags.add('attributes_dropped');
  return attributes;
}

function objectOrNull(value: Json): JsonObject | null {
  return isObject(value) ? value : null;
}

function entriesOf(value: Json): [string, Json][] {
  return isObject(value) ? Object.entries(value) : [];
}

function memberOf(value: Json, key: string): Json {
  return isObject(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : null;
}

/** A rejection that quotes the first thing wrong and where it stands. */
function rejection(index: number, issue: z.core.$ZodIssue | undefined): RejectedEvent {
  const path = ['events', index, ...(issue?.path ?? [])];
  const pointer = path.map((part) => `/${escapePointer(String(part))}`).join('');
  const what = issue?.message.replace(/\.$/, '') ?? 'Invalid event';
  return { index, code: 'unprocessable', detail: `${what} at ${pointer}.` };
}

/** RFC 6901: `~` and `/` inside a key; what a terminal or log line could stumble over goes. */
function escapePointer(part: string): string {
  return part
    .slice(0, limits.nameCharsMax)
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')
    .replace(/[^\x20-\x7e]/g, '?');
}
