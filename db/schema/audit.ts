import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, oneOf, tenantId, tenantPolicy, typeId, xid8 } from '../columns.ts';
import { actorTypes } from '../enums.ts';

/**
 * Who did what, in the same transaction as the change. Insert and select only. The seven facts that
 * WIMSE AIMS asks of an agent audit log are columns that are never null: actor, delegated subject,
 * resource, action with decision, time with correlation id, risk state, cause.
 */
export const auditLog = pgTable(
  'audit_log',
  {
    tenantId: tenantId(),
    id: typeId('id', 'audit').notNull(),
    xid: xid8('xid')
      .notNull()
      .default(sql`pg_current_xact_id()`),
    seq: bigint('seq', { mode: 'number' })
      .notNull()
      .default(sql`nextval('audit_log_seq')`),
    at: instant('at')
      .notNull()
      .default(sql`now()`),
    actorType: oneOf('actor_type', actorTypes).notNull(),
    actorId: text('actor_id').notNull(),
    /** What a reader calls the actor: an e-mail, a key's name, `cli:root@host`. */
    actorLabel: text('actor_label').notNull(),
    onBehalfOf: text('on_behalf_of').notNull().default('none'),
    /** `noun.verb`, from the closed list in server/audit/contract.ts. */
    action: text('action').notNull(),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    decision: text('decision').notNull().default('none'),
    risk: text('risk').notNull().default('none'),
    cause: text('cause').notNull().default('none'),
    requestId: text('request_id').notNull(),
    /** What changed, without secrets. */
    detail: jsonb('detail').notNull().default({}),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // The explorer's pages, newest first, and the later sequencer's tail.
    index('audit_log_order').on(t.tenantId, t.xid, t.seq),
    // What was refused because of a stop; the detector follows it.
    index('audit_log_halted')
      .on(t.tenantId, t.xid, t.seq)
      .where(sql`cause = 'halted'`),
    // Which denials agents call false; the detector follows it.
    index('audit_log_false_blocks')
      .on(t.tenantId, t.xid, t.seq)
      .where(sql`action = 'action.false_block_reported'`),
    // "Everything about this subject".
    index('audit_log_subject').on(t.tenantId, t.subjectType, t.subjectId),
    tenantPolicy(),
  ],
).enableRLS();
