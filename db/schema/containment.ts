import { sql } from 'drizzle-orm';
import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { instant, oneOf, tenantId, tenantPolicy, typeId } from '../columns.ts';
import { actorTypes, responseActions, responseStates, stopReceiptStates } from '../enums.ts';
import { credentials } from './credentials.ts';
import { stops } from './gate.ts';

/**
 * What each running copy of an agent last said of itself, under its own key: evidence for what a stop
 * can reach. Beside `agent_instances`, which telemetry fills.
 */
export const instanceBeats = pgTable(
  'instance_beats',
  {
    tenantId: tenantId(),
    agentId: typeId('agent_id', 'agent').notNull(),
    instanceId: text('instance_id').notNull(),
    /** What it says that it can do. */
    capabilities: text('capabilities')
      .array()
      .notNull()
      .default(sql`'{}'`),
    /** Actions that it says are running (`act_…`). */
    inFlight: text('in_flight')
      .array()
      .notNull()
      .default(sql`'{}'`),
    sessions: text('sessions')
      .array()
      .notNull()
      .default(sql`'{}'`),
    /** Its last heartbeat; null for one that only follows the stream. */
    beatAt: instant('beat_at'),
    /** The stream was seen open at this instant; null for one that never followed it. */
    streamSeenAt: instant('stream_seen_at'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.agentId, t.instanceId] }), tenantPolicy()],
).enableRLS();

/** What is known of a stop at each instance: when it was delivered, and what the instance answered. */
export const stopReceipts = pgTable(
  'stop_receipts',
  {
    tenantId: tenantId(),
    stopId: typeId('stop_id', 'stop').notNull(),
    agentId: typeId('agent_id', 'agent').notNull(),
    instanceId: text('instance_id').notNull(),
    state: oneOf('state', stopReceiptStates).notNull(),
    /** Calls that the instance says are still running; null when it said nothing of them. */
    inFlight: integer('in_flight'),
    deliveredAt: instant('delivered_at'),
    acknowledgedAt: instant('acknowledged_at'),
    updatedAt: instant('updated_at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.stopId, t.agentId, t.instanceId] }),
    foreignKey({ columns: [t.tenantId, t.stopId], foreignColumns: [stops.tenantId, stops.id] }),
    // What an agent answered to earlier stops.
    index('stop_receipts_agent').on(t.tenantId, t.agentId, t.updatedAt),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * What is to be done to an agent, or to all that a stop of level 3 or 4 covers, beyond refusing it: lock,
 * hold evidence, cut credentials. A column says when a step was done, never that it holds: whether it
 * still does is read from the agent, the stop, the leases and the revocations themselves.
 */
export const containments = pgTable(
  'containments',
  {
    tenantId: tenantId(),
    id: typeId('id', 'containment').notNull(),
    /** The agent that is contained; null: what its stop covers. */
    agentId: typeId('agent_id', 'agent'),
    agentLabel: text('agent_label'),
    stopId: typeId('stop_id', 'stop'),
    /** The stop was placed for it, so it is lifted with it. */
    isStopOwn: boolean('is_stop_own').notNull().default(false),
    /** Of the stop: 3 isolate, 4 quarantine, which holds evidence. */
    level: smallint('level').notNull(),
    reason: text('reason').notNull(),
    /** Data is leaving: credentials are cut before evidence is held. */
    isCutFirst: boolean('is_cut_first').notNull().default(false),
    requestedByType: oneOf('requested_by_type', actorTypes).notNull(),
    requestedBy: text('requested_by').notNull(),
    requestedAt: instant('requested_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** The alert that it was asked from. */
    alertId: typeId('alert_id', 'alert'),
    /** Who took it on to cut credentials, which nobody can undo; null: it waits for such a person. */
    confirmedBy: text('confirmed_by'),
    confirmedAt: instant('confirmed_at'),
    lockedAt: instant('locked_at'),
    /** The agent was active before, and is again after the release. */
    isLockOwn: boolean('is_lock_own').notNull().default(false),
    evidenceAt: instant('evidence_at'),
    evidence: jsonb('evidence'),
    /** SHA-256 over the RFC 8785 form of the evidence; stands in the audit log too. */
    evidenceDigest: text('evidence_digest'),
    cutAt: instant('cut_at'),
    /** Null while a step is left that may be taken without another word. */
    carriedOutAt: instant('carried_out_at'),
    releasedAt: instant('released_at'),
    releasedBy: text('released_by'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.stopId], foreignColumns: [stops.tenantId, stops.id] }),
    // One at a time of an agent: a second press finds the first.
    uniqueIndex('containments_open')
      .on(t.tenantId, t.agentId)
      .where(sql`released_at is null and agent_id is not null`),
    // One of a stop; and what a stop page shows.
    uniqueIndex('containments_of_stop')
      .on(t.tenantId, t.stopId)
      .where(sql`agent_id is null`),
    index('containments_stop').on(t.tenantId, t.stopId),
    // The latest of an agent.
    index('containments_agent').on(t.tenantId, t.agentId, t.requestedAt),
    // What a process left unfinished, over all tenants.
    index('containments_due')
      .on(t.requestedAt)
      .where(sql`carried_out_at is null`),
    tenantPolicy(),
  ],
).enableRLS();

/** The credentials that a containment found held, at the moment when it cut them. */
export const containmentCredentials = pgTable(
  'containment_credentials',
  {
    tenantId: tenantId(),
    containmentId: typeId('containment_id', 'containment').notNull(),
    credentialId: typeId('credential_id', 'credential').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.containmentId, t.credentialId] }),
    foreignKey({
      columns: [t.tenantId, t.containmentId],
      foreignColumns: [containments.tenantId, containments.id],
    }),
    foreignKey({
      columns: [t.tenantId, t.credentialId],
      foreignColumns: [credentials.tenantId, credentials.id],
    }),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * What a rule has done by itself about an alert, or why it did not. Written in the transaction that opens
 * the alert, so that there is one for each and none without; a worker takes it up.
 */
export const ruleResponses = pgTable(
  'rule_responses',
  {
    tenantId: tenantId(),
    id: typeId('id', 'response').notNull(),
    alertId: typeId('alert_id', 'alert').notNull(),
    ruleId: typeId('rule_id', 'rule').notNull(),
    /** The version that opened the alert; another one since orders nothing. */
    ruleVersion: integer('rule_version').notNull(),
    ruleTitle: text('rule_title').notNull(),
    action: oneOf('action', responseActions).notNull(),
    /** Null where it is not one agent that is proven to have done it. */
    agentId: typeId('agent_id', 'agent'),
    agentLabel: text('agent_label'),
    state: oneOf('state', responseStates).notNull(),
    /** What came of it, in a sentence. */
    says: text('says').notNull(),
    orderedAt: instant('ordered_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    takenAt: instant('taken_at'),
    /** Times that a worker has set about it. */
    tries: smallint('tries').notNull().default(0),
    /** The last try failed, and the next comes then; null while one is at it, and at the end. */
    nextTryAt: instant('next_try_at'),
    stopId: typeId('stop_id', 'stop'),
    containmentId: typeId('containment_id', 'containment'),
    /** It changed something: what stood already is somebody else's to undo. */
    isOwn: boolean('is_own').notNull().default(false),
    undoneAt: instant('undone_at'),
    undoneBy: text('undone_by'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // One an alert, whoever raises it again.
    uniqueIndex('rule_responses_alert').on(t.tenantId, t.alertId),
    // The cap: how many were taken in the last hour.
    index('rule_responses_taken').on(t.tenantId, t.takenAt),
    // What is due, over all tenants.
    index('rule_responses_due')
      .on(t.orderedAt)
      .where(sql`state in ('due', 'running')`),
    tenantPolicy(),
  ],
).enableRLS();
