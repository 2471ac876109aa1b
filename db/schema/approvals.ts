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
import { bytes, instant, oneOf, tenantId, tenantPolicy, typeId } from '../columns.ts';
import { approvalResults, riskBands, voteVerdicts } from '../enums.ts';
import { actions } from './actions.ts';

/** The human process on a held action. Expired and frozen follow from the clock and the stops. */
export const approvals = pgTable(
  'approvals',
  {
    tenantId: tenantId(),
    id: typeId('id', 'approval').notNull(),
    actionId: typeId('action_id', 'action').notNull(),
    band: oneOf('band', riskBands).notNull(),
    /** Distinct people who must approve. */
    needs: integer('needs').notNull(),
    isFreshSignInNeeded: boolean('is_fresh_sign_in_needed').notNull(),
    /** First 8 hex digits of the digest. */
    fingerprint: text('fingerprint').notNull(),
    requestedAt: instant('requested_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** Before any frozen time is given back. */
    expiresAt: instant('expires_at').notNull(),
    /** {ownerUserIds, requesters, keyCreators} when it was held: who may never vote on it. */
    excluded: jsonb('excluded').notNull(),
    /** What was decided; expired and frozen follow from the clock and the stops. */
    result: oneOf('result', approvalResults).notNull().default('pending'),
    resolvedAt: instant('resolved_at'),
    resolvedByLabel: text('resolved_by_label'),
    /** Returned to the agent. */
    denyReason: text('deny_reason'),
    /** Until when an approved action may get a permit (again); null unless approved. */
    useBy: instant('use_by'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('approvals_action').on(t.tenantId, t.actionId),
    foreignKey({
      columns: [t.tenantId, t.actionId],
      foreignColumns: [actions.tenantId, actions.id],
    }),
    // The queue: what is pending, what expires next first.
    index('approvals_pending')
      .on(t.tenantId, t.expiresAt, t.id)
      .where(sql`result = 'pending'`),
    // The history, newest first.
    index('approvals_recent').on(t.tenantId, t.requestedAt.desc(), t.id),
    tenantPolicy(),
  ],
).enableRLS();

/** Who said what on a request. Insert only; a person votes once on what it is, and anew once it was edited. */
export const votes = pgTable(
  'votes',
  {
    tenantId: tenantId(),
    approvalId: typeId('approval_id', 'approval').notNull(),
    userId: typeId('user_id', 'user').notNull(),
    email: text('email').notNull(),
    verdict: oneOf('verdict', voteVerdicts).notNull(),
    reason: text('reason').notNull(),
    /** The digest of what the voter was shown; a vote counts while it is the action's. */
    digest: text('digest').notNull(),
    /** The password was entered again for this vote. */
    isFresh: boolean('is_fresh').notNull(),
    signInId: typeId('sign_in_id', 'signIn').notNull(),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.approvalId, t.userId, t.digest] }),
    foreignKey({
      columns: [t.tenantId, t.approvalId],
      foreignColumns: [approvals.tenantId, approvals.id],
    }),
    tenantPolicy(),
  ],
).enableRLS();

/** What a reviewer asked the agent, and what it answered; both are shown as what they are: claims. */
export const questions = pgTable(
  'questions',
  {
    tenantId: tenantId(),
    id: typeId('id', 'question').notNull(),
    approvalId: typeId('approval_id', 'approval').notNull(),
    askedByUserId: typeId('asked_by_user_id', 'user').notNull(),
    askedByLabel: text('asked_by_label').notNull(),
    text: text('text').notNull(),
    askedAt: instant('asked_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** Redacted. */
    answer: text('answer'),
    answeredAt: instant('answered_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({
      columns: [t.tenantId, t.approvalId],
      foreignColumns: [approvals.tenantId, approvals.id],
    }),
    // The talk about one request, in order.
    index('questions_approval').on(t.tenantId, t.approvalId, t.askedAt),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * Arguments of a held action, whole, under a data key of their own that is itself sealed by the
 * tenant's key. Opened on the action's screen only, each opening audited. Destroyed 30 days after the
 * end of the action; the digest stays.
 */
export const sealedArguments = pgTable(
  'sealed_arguments',
  {
    tenantId: tenantId(),
    actionId: typeId('action_id', 'action').notNull(),
    /** 0 = as the agent asked; each edit adds the next, and what was before stays. */
    version: integer('version').notNull().default(0),
    /** The data key under the tenant's key: AES-256-GCM, nonce ‖ ciphertext ‖ tag. */
    wrappedKey: bytes('wrapped_key').notNull(),
    /** Canonical JSON of the arguments under the data key: AES-256-GCM, nonce ‖ ciphertext ‖ tag. */
    sealed: bytes('sealed').notNull(),
    /** Where in them credentials were detected: {at, start, end, type}[]; never a value or a name. */
    secrets: jsonb('secrets').notNull(),
    createdAt: instant('created_at')
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
