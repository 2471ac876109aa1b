import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
} from 'drizzle-orm/pg-core';
import {
  bytes,
  instant,
  tenantId,
  tenantPolicy,
  traceId,
  tsvector,
  typeId,
  xid8,
} from '../columns.ts';

/**
 * Uniqueness of events: (tenant, id, revision). Hash-partitioned, because a unique key on a table
 * partitioned by day would have to contain the day. The digest is keyed by the event's own salt.
 */
export const eventIds = pgTable(
  'event_ids',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    revision: smallint('revision').notNull(),
    digest: bytes('digest').notNull(),
    receivedOn: date('received_on').notNull(),
    incarnation: smallint('incarnation').notNull(),
    xid: xid8('xid').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id, t.revision] }), tenantPolicy()],
).enableRLS();

/** What agents did and saw, without payloads; partitioned by the day on which we received it. */
export const events = pgTable(
  'events',
  {
    tenantId: tenantId(),
    receivedOn: date('received_on').notNull(),
    incarnation: smallint('incarnation').notNull(),
    xid: xid8('xid').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    receivedAt: instant('received_at').notNull(),
    eventId: text('event_id').notNull(),
    revision: smallint('revision').notNull(),
    traceId: traceId('trace_id').notNull(),
    spanId: text('span_id'),
    parentSpanId: text('parent_span_id'),
    sessionId: text('session_id'),
    conversationId: text('conversation_id'),
    agentId: typeId('agent_id', 'agent').notNull(),
    agentSlug: text('agent_slug').notNull(),
    /** Whether the event itself names its agent; otherwise a late parent may (event_context). */
    agentExplicit: boolean('agent_explicit').notNull(),
    /** True for `verified`: the key belongs to this agent. */
    isVerified: boolean('is_verified').notNull(),
    instanceId: text('instance_id'),
    userId: text('user_id'),
    kind: text('kind').notNull(),
    phase: text('phase'),
    callId: text('call_id'),
    name: text('name'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
    status: text('status').notNull(),
    model: text('model'),
    trust: text('trust').notNull(),
    actionId: text('action_id'),
    dialect: text('dialect').notNull(),
    flags: text('flags').array(),
    /** Finding[]; null when the guard saw nothing. */
    findings: jsonb('findings'),
    bodyBytes: integer('body_bytes').notNull(),
  },
  (t) => [
    // The tail of one tenant in the order of positions; the detector, the assembler and live read it.
    primaryKey({
      name: 'events_position',
      columns: [t.tenantId, t.incarnation, t.xid, t.seq, t.receivedOn],
    }),
    // One trace.
    index('events_trace').on(t.tenantId, t.traceId),
    // What taints a call, and what the user said: a decision asks for it, however long the trace is.
    index('events_upstream')
      .on(t.tenantId, t.traceId)
      .where(sql`${t.trust} = 'untrusted' or ${t.kind} = 'user_message'`),
    tenantPolicy(),
  ],
).enableRLS();

/** Payload, salt and commitment of each event; beside it so that erasing one leaves the other. */
export const eventBodies = pgTable(
  'event_bodies',
  {
    tenantId: tenantId(),
    receivedOn: date('received_on').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    /** 128 random bits; erased together with the body. */
    salt: bytes('salt'),
    /** HMAC-SHA-256 of the body's bytes under the salt; stays after erasure. */
    commitment: bytes('commitment').notNull(),
    /** Version of the redaction rules that the text went through. */
    redaction: smallint('redaction').notNull(),
    /** JSON text of EventBody, redacted, exactly the bytes that the commitment covers. */
    body: text('body'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.receivedOn, t.seq] }), tenantPolicy()],
).enableRLS();

/** Where each reader of the log stands, committed together with what it derived. */
export const tailCursors = pgTable(
  'tail_cursors',
  {
    tenantId: tenantId(),
    /** `assembler`, `detector`, `indexer`. */
    consumer: text('consumer').notNull(),
    incarnation: smallint('incarnation').notNull(),
    xid: xid8('xid').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    updatedAt: instant('updated_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.consumer] }), tenantPolicy()],
).enableRLS();

/** One row a trace, kept by the assembler: what lists and overview read. */
export const traces = pgTable(
  'traces',
  {
    tenantId: tenantId(),
    id: traceId('id').notNull(),
    /** The first user message, else the root's name; redacted like all text. */
    title: text('title').notNull(),
    /** When the message that gave the title was written; null while only a name gave it. */
    titleAt: instant('title_at'),
    agentIds: jsonb('agent_ids').notNull(),
    agentSlugs: text('agent_slugs').array().notNull(),
    sessionId: text('session_id'),
    userId: text('user_id'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at').notNull(),
    firstReceivedAt: instant('first_received_at').notNull(),
    lastReceivedAt: instant('last_received_at').notNull(),
    events: integer('events').notNull(),
    toolCalls: integer('tool_calls').notNull(),
    errors: integer('errors').notNull(),
    findings: integer('findings').notNull(),
    tools: text('tools').array().notNull(),
    hasUntrusted: boolean('has_untrusted').notNull(),
    /**
     * Which parts of their context some events tell and some lack, as bits (agent 1, session 2,
     * conversation 4, user 8): only where both are set is there anything to inherit.
     */
    contextTold: smallint('context_told').notNull().default(0),
    contextLacking: smallint('context_lacking').notNull().default(0),
    /** Position of the last event that changed this row. */
    xid: xid8('xid').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // The list: newest received first, keyset by (last_received_at, id).
    index('traces_recent').on(t.tenantId, t.lastReceivedAt.desc(), t.id),
    // Filter by session.
    index('traces_session').on(t.tenantId, t.sessionId),
    // No GIN index on the arrays: under row-level security Postgres uses an index only for leakproof
    // operators, and `&&` and `@>` are not. Filters by agent and tool walk traces_recent.
    tenantPolicy(),
  ],
).enableRLS();

/**
 * What a span inherits from its ancestors (agent, session, user, conversation), recomputed when a
 * late parent lands; the events themselves never change.
 */
export const eventContext = pgTable(
  'event_context',
  {
    tenantId: tenantId(),
    traceId: traceId('trace_id').notNull(),
    spanId: text('span_id').notNull(),
    agentId: typeId('agent_id', 'agent'),
    agentSlug: text('agent_slug'),
    sessionId: text('session_id'),
    conversationId: text('conversation_id'),
    userId: text('user_id'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.traceId, t.spanId] }), tenantPolicy()],
).enableRLS();

/** Events counted per received minute, agent, kind and status, by the assembler: charts read it. */
export const eventCounts = pgTable(
  'event_counts',
  {
    tenantId: tenantId(),
    minute: instant('minute').notNull(),
    agentId: typeId('agent_id', 'agent').notNull(),
    kind: text('kind').notNull(),
    events: integer('events').notNull(),
    errors: integer('errors').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.minute, t.agentId, t.kind] }), tenantPolicy()],
).enableRLS();

/**
 * Words of the events' redacted text, filled by the indexer behind the log: a row holds what one batch
 * brought of a trace, under the sequence number of its newest event.
 */
export const eventSearch = pgTable(
  'event_search',
  {
    tenantId: tenantId(),
    receivedOn: date('received_on').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    traceId: traceId('trace_id').notNull(),
    words: tsvector('words').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.receivedOn, t.seq] }),
    // Search: words that occur together in a row. Reached through the function search_events,
    // because `@@` is not leakproof and would not use it under row-level security.
    index('event_search_words').using('gin', t.words),
    tenantPolicy(),
  ],
).enableRLS();
