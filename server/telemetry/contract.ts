import { z } from 'zod';
import { agentSlugSchema } from '#server/agents/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import {
  dialects,
  eventFlags,
  eventKinds,
  eventPhases,
  eventStatuses,
  findingTypes,
  identities,
  trustLevels,
  type Dialect,
  type EventFlag,
  type EventKind,
  type EventStatus,
  type FindingType,
  type Identity,
  type TrustLevel,
} from './states/contract.ts';

export {
  dialects,
  eventFlags,
  eventKinds,
  eventPhases,
  eventStatuses,
  findingTypes,
  identities,
  trustLevels,
  type Dialect,
  type EventFlag,
  type EventKind,
  type EventStatus,
  type FindingType,
  type Identity,
  type TrustLevel,
};

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const jsonSchema: z.ZodType<Json> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    z.number(),
    z.string(),
    z.array(jsonSchema),
    z.record(z.string(), jsonSchema),
  ]),
);

/** 1–128 printable ASCII characters: ids that belong to the caller. */
export const callerIdSchema = z
  .string()
  .min(1)
  .max(limits.callerIdCharsMax)
  .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII');
export const traceIdSchema = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 lower-case hex digits');
export const spanIdSchema = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 lower-case hex digits');
export { agentSlugSchema };

const timeSchema = z.iso.datetime({ offset: true });
const nameSchema = z.string().min(1).max(limits.nameCharsMax);

export const usageSchema = z
  .object({
    inputTokens: z.number().int().nonnegative().nullish(),
    outputTokens: z.number().int().nonnegative().nullish(),
    cachedInputTokens: z.number().int().nonnegative().nullish(),
    reasoningTokens: z.number().int().nonnegative().nullish(),
    totalTokens: z.number().int().nonnegative().nullish(),
  })
  .loose();
/** What data the event touched: one resource, its classes, people concerned, fields and rows. */
export const dataSchema = z
  .object({
    resource: z.string().max(1024).nullish(),
    classes: z.array(z.string().max(64)).max(32).nullish(),
    subjects: z.array(z.string().max(128)).max(1000).nullish(),
    fields: z.array(z.string().max(128)).max(256).nullish(),
    rows: z.number().int().nonnegative().nullish(),
  })
  .loose();
export const sourceSchema = z
  .object({
    trust: z.enum(trustLevels).nullish(),
    origin: z.string().max(1024).nullish(),
  })
  .loose();

/**
 * One event of `POST /api/v1/events` and tRPC `telemetry.ingest`. Required: id, traceId, kind,
 * startedAt, and agent unless the key is an agent's own. Unknown keys are kept under `attributes`.
 */
export const wireEventSchema = z.object({
  id: callerIdSchema,
  traceId: traceIdSchema,
  spanId: spanIdSchema.nullish(),
  parentSpanId: spanIdSchema.nullish(),
  sessionId: callerIdSchema.nullish(),
  conversationId: callerIdSchema.nullish(),
  agent: z.string().min(1).max(limits.callerIdCharsMax).nullish(),
  instanceId: callerIdSchema.nullish(),
  user: callerIdSchema.nullish(),
  kind: z.enum(eventKinds),
  phase: z.enum(eventPhases).nullish(),
  callId: callerIdSchema.nullish(),
  name: nameSchema.nullish(),
  startedAt: timeSchema,
  endedAt: timeSchema.nullish(),
  status: z.enum(eventStatuses).nullish(),
  input: jsonSchema.nullish(),
  output: jsonSchema.nullish(),
  error: jsonSchema.nullish(),
  model: nameSchema.nullish(),
  usage: usageSchema.nullish(),
  data: dataSchema.nullish(),
  source: sourceSchema.nullish(),
  actionId: z.string().max(64).nullish(),
  attributes: z.record(z.string(), jsonSchema).nullish(),
});
export type WireEvent = z.infer<typeof wireEventSchema>;

/**
 * One event after decoding and normalising, whatever dialect it came in; not yet redacted, so it
 * lives in memory only. Times are RFC 3339 UTC with up to microseconds. `null` means "not told".
 */
export interface EventDraft {
  readonly id: string;
  readonly traceId: string;
  readonly spanId: string | null;
  readonly parentSpanId: string | null;
  readonly sessionId: string | null;
  readonly conversationId: string | null;
  /** The agent's slug as the event claims it; null when it names none. */
  readonly agent: string | null;
  readonly instanceId: string | null;
  readonly user: string | null;
  readonly kind: EventKind;
  readonly phase: (typeof eventPhases)[number] | null;
  readonly callId: string | null;
  /** Tool name for tool_call, model or operation otherwise. */
  readonly name: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly status: EventStatus;
  readonly model: string | null;
  readonly body: EventBody;
  readonly actionId: string | null;
  readonly dialect: Dialect;
  readonly flags: readonly EventFlag[];
}

/** The part of an event that carries text: redacted before anything is stored, loaded on demand. */
export interface EventBody {
  readonly input: Json;
  readonly output: Json;
  readonly error: Json;
  readonly usage: JsonObject | null;
  readonly data: JsonObject | null;
  readonly source: { readonly trust: TrustLevel; readonly origin: string | null };
  readonly attributes: JsonObject;
}

/**
 * What the inline guard saw in one event. Never the value itself. `path` is a JSON pointer into
 * the body (`/output/0/text`); `start` and `end` are UTF-16 offsets in that string *as it came in*.
 */
export interface Finding {
  readonly type: FindingType;
  /** Which detector or signature: `email`, `aws_access_key`, `override_instructions`, `can_…`. */
  readonly detector: string;
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** 0–1; deterministic matches are 1. */
  readonly score: number;
  /** One sentence for a person; never the matched text. */
  readonly detail: string;
  /** Of a canary: the disguise that it wore; absent from findings older than this field. */
  readonly disguise?: string;
}

/** One event as it is stored and read: redacted, classified, positioned. */
export interface StoredEvent extends Omit<EventDraft, 'agent' | 'body'> {
  /** Opaque; a total order per tenant. */
  readonly position: string;
  readonly revision: number;
  readonly agentId: string;
  readonly agentSlug: string;
  readonly identity: Identity;
  readonly receivedAt: string;
  readonly findings: readonly Finding[];
  readonly body: EventBody;
  /** As `body.source.trust`, where that is at hand without reading the body. */
  readonly trust?: TrustLevel;
  /** As `startedAt` and `receivedAt`, where they are at hand as microseconds since 1970. */
  readonly startedAtUs?: number;
  readonly receivedAtUs?: number;
}
