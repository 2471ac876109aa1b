import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import {
  agentSlugSchema,
  callerIdSchema,
  dialects,
  eventFlags,
  eventKinds,
  eventPhases,
  eventStatuses,
  findingTypes,
  identities,
  spanIdSchema,
  traceIdSchema,
  trustLevels,
} from '../contract.ts';

const timeSchema = z.iso.datetime({ offset: true });
const countSchema = z.number().int().nonnegative();

/** Filters of the trace list; what is absent does not filter. Times are when we received it. */
export const traceFiltersSchema = z.object({
  /** Words that have to occur together in one event of the trace; the last may be a beginning. */
  q: z.string().trim().max(limits.searchQueryCharsMax).nullish(),
  agent: agentSlugSchema.nullish(),
  tool: z.string().min(1).max(limits.nameCharsMax).nullish(),
  session: callerIdSchema.nullish(),
  user: callerIdSchema.nullish(),
  hasErrors: z.boolean().default(false),
  hasAlerts: z.boolean().default(false),
  hasUntrusted: z.boolean().default(false),
  /** Of the last event received, half-open. */
  from: timeSchema.nullish(),
  until: timeSchema.nullish(),
});
export type TraceFilters = z.infer<typeof traceFiltersSchema>;

export const listTracesInputSchema = traceFiltersSchema.extend({
  limit: z.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
  cursor: z.string().max(256).nullish(),
});
export type ListTracesInput = z.infer<typeof listTracesInputSchema>;

/** One trace in a list. `title` is the first thing a person asked, else a name: untrusted text. */
export const traceSummarySchema = z.object({
  id: traceIdSchema,
  title: z.string(),
  /** Slugs in the order in which they were seen, at most `limits.traceAgentsMax`. */
  agents: z.array(z.string()),
  session: z.string().nullable(),
  user: z.string().nullable(),
  /** Of its events, by the sender's clock. */
  startedAt: timeSchema,
  endedAt: timeSchema,
  /** Of the last event, by ours. */
  receivedAt: timeSchema,
  events: countSchema,
  toolCalls: countSchema,
  errors: countSchema,
  findings: countSchema,
  /** At most `limits.traceToolsMax`. */
  tools: z.array(z.string()),
  hasUntrusted: z.boolean(),
  alerts: countSchema,
});
export type TraceSummary = z.infer<typeof traceSummarySchema>;

/** Newest received first. */
export const tracePageSchema = z.object({
  items: z.array(traceSummarySchema),
  next: z.string().nullable(),
  /**
   * Of a search: false when more events matched than `limits.searchHitsMax`, so that traces whose
   * matches are all older are missing.
   */
  isSearchComplete: z.boolean(),
});
export type TracePage = z.infer<typeof tracePageSchema>;

export const traceInputSchema = z.object({ traceId: traceIdSchema });

/**
 * All events of a trace, by start and then position, as one JSON text: see
 * {@link decodeTraceEvents}. Ten thousand events cost 0.4 s in superjson's walk and 6 MB; as one
 * text they cost 30 ms and 1 MB.
 */
export const traceEventsSchema = z.object({
  rows: z.string(),
  /** True when the trace has more than `limits.traceEventsMax`; the earliest are here. */
  isCut: z.boolean(),
});

/** What the payloads of a trace say about data, tokens and origins, of the events that say any. */
export const traceFactSchema = z.object({
  eventId: z.string(),
  revision: countSchema,
  inputTokens: z.number().nonnegative(),
  outputTokens: z.number().nonnegative(),
  origin: z.string().nullable(),
  data: z
    .object({
      resource: z.string().nullable(),
      classes: z.array(z.string()),
      /** At most `limits.traceFactSubjectsMax`; `subjectsTotal` counts all of them. */
      subjects: z.array(z.string()),
      subjectsTotal: countSchema,
      rows: z.number().nonnegative().nullable(),
    })
    .nullable(),
});
export type TraceFact = z.infer<typeof traceFactSchema>;

/** The facts of a trace as one JSON text, for the same reason as its events. */
export const traceFactsSchema = z.object({ facts: z.string() });

export const eventInputSchema = z.object({
  eventId: callerIdSchema,
  /** The latest when absent. */
  revision: countSchema.nullish(),
});

export const findingSchema = z.object({
  type: z.enum(findingTypes),
  detector: z.string(),
  path: z.string(),
  start: z.number(),
  end: z.number(),
  score: z.number(),
  detail: z.string(),
});

/** One event with everything that is stored about it. */
export const eventDetailSchema = z.object({
  id: z.string(),
  position: z.string(),
  traceId: traceIdSchema,
  spanId: spanIdSchema.nullable(),
  parentSpanId: spanIdSchema.nullable(),
  revision: countSchema,
  /** Revisions that exist, oldest first, with when we received each. */
  revisions: z.array(z.object({ revision: countSchema, receivedAt: timeSchema })),
  agent: z.string(),
  /** True when the agent comes from an ancestor's span rather than from the event. */
  isAgentInherited: z.boolean(),
  identity: z.enum(identities),
  session: z.string().nullable(),
  conversation: z.string().nullable(),
  user: z.string().nullable(),
  instance: z.string().nullable(),
  kind: z.enum(eventKinds),
  phase: z.enum(eventPhases).nullable(),
  callId: z.string().nullable(),
  name: z.string().nullable(),
  model: z.string().nullable(),
  status: z.enum(eventStatuses),
  trust: z.enum(trustLevels),
  actionId: z.string().nullable(),
  dialect: z.enum(dialects),
  startedAt: timeSchema,
  endedAt: timeSchema.nullable(),
  receivedAt: timeSchema,
  flags: z.array(z.enum(eventFlags)),
  findings: z.array(findingSchema),
  /** Version of the rules by which the payload was redacted before it was stored. */
  redaction: countSchema,
  /** HMAC-SHA-256 of the payload under its salt, 64 hex digits; stays when the payload goes. */
  commitment: z.string().regex(/^[0-9a-f]{64}$/),
  bodyBytes: countSchema,
  /**
   * The payload as JSON text, byte for byte as committed to: parsed by the reader, because
   * superjson refuses objects with keys such as `__proto__` and an attacker could hide behind it.
   */
  body: z.discriminatedUnion('state', [
    z.object({ state: z.literal('shown'), text: z.string() }),
    z.object({ state: z.literal('hidden') }),
    z.object({ state: z.literal('erased') }),
  ]),
});
export type EventDetail = z.infer<typeof eventDetailSchema>;

export const countsInputSchema = z.object({
  /** Of the receiving, half-open. */
  from: timeSchema,
  until: timeSchema,
  stepMinutes: z.union([z.literal(1), z.literal(5), z.literal(60), z.literal(1440)]),
});

/** Events received per step and kind, oldest first; steps without events are absent. */
export const countsSchema = z.object({
  items: z.array(
    z.object({
      at: timeSchema,
      kind: z.enum(eventKinds),
      events: countSchema,
      errors: countSchema,
      bytes: countSchema,
    }),
  ),
});
export type Counts = z.infer<typeof countsSchema>;

/** How far one reader of the log is behind. */
export const readerLagSchema = z.object({
  /** `assembler`, `indexer`, `detector`, … */
  reader: z.string(),
  /** Events that it has not seen, counted up to `limits.lagEventsMax`. */
  events: countSchema,
  /** Age of the oldest of them by our clock, in seconds; 0 when there are none. */
  seconds: z.number().nonnegative(),
});

/** What the stream of events is like now, all from stored data. */
export const streamStateSchema = z.object({
  /** When this was true. */
  at: timeSchema,
  /** Events received a second, over the last whole minute. */
  eventsPerSecond: z.number().nonnegative(),
  errorsPerSecond: z.number().nonnegative(),
  lastReceivedAt: timeSchema.nullable(),
  readers: z.array(readerLagSchema),
});
export type StreamState = z.infer<typeof streamStateSchema>;

export const activityInputSchema = z.object({ from: timeSchema });

/**
 * Events and errors of each agent since an instant, and its alerts that are not resolved, whenever
 * they came. Agents without any of these are absent.
 */
export const activitySchema = z.object({
  items: z.array(
    z.object({
      agentId: z.string(),
      events: countSchema,
      errors: countSchema,
      openAlerts: countSchema,
    }),
  ),
});
export type Activity = z.infer<typeof activitySchema>;
