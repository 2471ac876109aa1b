import { sql } from 'drizzle-orm';
import { bigint, index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytes, instant, tenantId, tenantPolicy, typeId } from '../columns.ts';

/**
 * Single-use rights to run one exact action. The signed form is made from the row whenever it is asked
 * for (Ed25519 signs the same text the same way), so no token lies in the database.
 */
export const permits = pgTable(
  'permits',
  {
    tenantId: tenantId(),
    id: typeId('id', 'permit').notNull(),
    actionId: typeId('action_id', 'action').notNull(),
    agentId: typeId('agent_id', 'agent').notNull(),
    tool: text('tool').notNull(),
    digest: text('digest').notNull(),
    policyVersion: text('policy_version').notNull(),
    /** Of the tenant's stops when it was issued; a later stop that covers it ends it for good. */
    epoch: bigint('epoch', { mode: 'number' }).notNull(),
    /** Key that signed it. */
    kid: text('kid').notNull(),
    /** Whole seconds, as in the claims. */
    issuedAt: instant('issued_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    redeemedAt: instant('redeemed_at'),
    redemptionId: typeId('redemption_id', 'redemption'),
    /** Who redeemed it: the agent's key or an enforcer's. */
    redeemedByKeyId: typeId('redeemed_by_key_id', 'key'),
    redeemedByKind: text('redeemed_by_kind'),
    redeemIdempotencyKey: text('redeem_idempotency_key'),
    /** HMAC of the canonical redeem request under the tenant's key, for its repeat. */
    redeemDigest: bytes('redeem_digest'),
    /** When the outcome is owed. */
    outcomeDueAt: instant('outcome_due_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // No foreign key to actions, on purpose: the statement that writes a permit has just written or read
    // its action, and the check's plan, made while the table was empty, read all actions of the tenant
    // for each permit (46 million index entries for 13,000 decisions).
    // The latest permit of an action.
    index('permits_action').on(t.tenantId, t.actionId, t.issuedAt.desc()),
    // An action runs once, whichever of its permits is redeemed: the table itself holds it.
    // The action first, or the planner takes it for a list of the tenant's permits.
    uniqueIndex('permits_once')
      .on(t.actionId, t.tenantId)
      .where(sql`redeemed_at is not null`),
    // Redeemed and owing an outcome: the rule "approved without outcome" and quiet stops ask it.
    index('permits_owing')
      .on(t.tenantId, t.outcomeDueAt)
      .where(sql`redeemed_at is not null`),
    // Which calls of an agent were redeemed: coverage and bypass.
    index('permits_redeemed')
      .on(t.tenantId, t.agentId, t.tool, t.redeemedAt)
      .where(sql`redeemed_at is not null`),
    // Permits of a span, for the overview: rows lie in the order of their issue, so an index of blocks
    // costs a decision nothing, where one of rows would be written by each.
    index('permits_issued').using('brin', t.issuedAt),
    tenantPolicy(),
  ],
).enableRLS();
