import { sql } from 'drizzle-orm';
import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { bytes, instant, oneOf, tenantId, tenantPolicy, traceId, typeId } from '../columns.ts';
import { decisions, outcomeStatuses, riskBands } from '../enums.ts';

/**
 * What agents ask to do, and what was decided. Arguments are never here: a held action's lie sealed in
 * `sealed_arguments`, an allowed one's nowhere. Decision and binding change by a reviewer's edit of a held
 * one only, which keeps what was before (`action_edits`); beside it a cancel and a successor are noted.
 */
export const actions = pgTable(
  'actions',
  {
    tenantId: tenantId(),
    id: typeId('id', 'action').notNull(),
    agentId: typeId('agent_id', 'agent').notNull(),
    agentSlug: text('agent_slug').notNull(),
    /** Of the agent at the decision. */
    environment: text('environment').notNull(),
    /** The key that asked. */
    keyId: typeId('key_id', 'key').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    /** HMAC of the canonical request under the tenant's key: the same key with another request is refused. */
    requestDigest: bytes('request_digest').notNull(),
    tool: text('tool').notNull(),
    /** Digest of the tool's schema, `sha-256:…`. */
    schemaDigest: text('schema_digest').notNull(),
    /** Arguments that the digest covers; null = all of them. */
    boundFields: text('bound_fields').array(),
    sessionId: text('session_id'),
    traceId: traceId('trace_id'),
    spanId: text('span_id'),
    instanceId: text('instance_id'),
    /** The agent's claim. */
    onBehalfOf: text('on_behalf_of'),
    /** The agent's own words, redacted. */
    reason: text('reason'),
    derivedFrom: text('derived_from')
      .array()
      .notNull()
      .default(sql`'{}'`),
    planHash: text('plan_hash'),
    /** What a permit binds: `sha-256:…`; a denied action has one too, so that it can be compared. */
    digest: text('digest').notNull(),
    /** 128 random bits under the digest; erased with the sealed arguments. */
    nonce: bytes('nonce'),
    decision: oneOf('decision', decisions).notNull(),
    riskScore: integer('risk_score').notNull(),
    riskBand: oneOf('risk_band', riskBands).notNull(),
    /** RiskFactor[]. */
    riskFactors: jsonb('risk_factors').notNull(),
    /** RiskInput: grades and measures, from which the decision can be made again. */
    riskInput: jsonb('risk_input').notNull(),
    /** Reason[]. */
    reasons: jsonb('reasons').notNull(),
    policyVersion: text('policy_version').notNull(),
    needs: integer('needs').notNull(),
    isFreshSignInNeeded: boolean('is_fresh_sign_in_needed').notNull(),
    decidedAt: instant('decided_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    cancelledAt: instant('cancelled_at'),
    /** The action that took its place. */
    supersededBy: typeId('superseded_by', 'action'),
    /** How often reviewers changed its arguments; also the version of the sealed ones that count. */
    edits: integer('edits').notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // The same request twice is one action; two at once wait for each other here.
    unique('actions_idempotency').on(t.tenantId, t.agentId, t.idempotencyKey),
    // An agent's actions, newest first; coverage per tool.
    index('actions_agent').on(t.tenantId, t.agentId, t.decidedAt.desc()),
    // The list, newest first.
    index('actions_recent').on(t.tenantId, t.decidedAt.desc(), t.id),
    // Whether an agent ever asked for a tool: from then on its calls of it are governed.
    index('actions_asked').on(t.tenantId, t.agentId, t.tool),
    // What is still to be erased, oldest first.
    index('actions_unerased')
      .on(t.tenantId, t.decidedAt)
      .where(sql`nonce is not null`),
    // Decisions of one trace, for its playback.
    index('actions_trace')
      .on(t.tenantId, t.traceId)
      .where(sql`trace_id is not null`),
    tenantPolicy(),
  ],
).enableRLS();

/** Each time that a reviewer changed the arguments of a held action: who, why, and what it was before. */
export const actionEdits = pgTable(
  'action_edits',
  {
    tenantId: tenantId(),
    actionId: typeId('action_id', 'action').notNull(),
    /** From 1; the sealed arguments of this number are what it became. */
    version: integer('version').notNull(),
    editorUserId: typeId('editor_user_id', 'user').notNull(),
    editorLabel: text('editor_label').notNull(),
    reason: text('reason').notNull(),
    /** What a permit would have bound before, and binds since; under the same nonce. */
    digestBefore: text('digest_before').notNull(),
    digest: text('digest').notNull(),
    riskScoreBefore: integer('risk_score_before').notNull(),
    riskBandBefore: oneOf('risk_band_before', riskBands).notNull(),
    riskScore: integer('risk_score').notNull(),
    riskBand: oneOf('risk_band', riskBands).notNull(),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.actionId, t.version] }),
    foreignKey({
      columns: [t.tenantId, t.actionId],
      foreignColumns: [actions.tenantId, actions.id],
    }),
    tenantPolicy(),
  ],
).enableRLS();

/** What agents say of actions that were denied: that the block was false. Their own claim, once an action. */
export const falseBlocks = pgTable(
  'false_blocks',
  {
    tenantId: tenantId(),
    actionId: typeId('action_id', 'action').notNull(),
    /** Redacted. */
    reason: text('reason').notNull(),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.actionId] }),
    foreignKey({
      columns: [t.tenantId, t.actionId],
      foreignColumns: [actions.tenantId, actions.id],
    }),
    tenantPolicy(),
  ],
).enableRLS();

/** How a redeemed action ended, as the agent or the enforcer says; first word counts. */
export const outcomes = pgTable(
  'outcomes',
  {
    tenantId: tenantId(),
    actionId: typeId('action_id', 'action').notNull(),
    status: oneOf('status', outcomeStatuses).notNull(),
    /** Redacted. */
    result: jsonb('result'),
    /** Redacted. */
    executedArgs: jsonb('executed_args'),
    /** Digest of what was executed under the action's own nonce; null when nothing was said of it. */
    executedDigest: text('executed_digest'),
    /** The key that reported. */
    keyId: typeId('key_id', 'key').notNull(),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.actionId] }),
    foreignKey({
      columns: [t.tenantId, t.actionId],
      foreignColumns: [actions.tenantId, actions.id],
    }),
    tenantPolicy(),
  ],
).enableRLS();
