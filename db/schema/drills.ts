import { sql } from 'drizzle-orm';
import {
  boolean,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { instant, oneOf, tenantId, tenantPolicy, typeId } from '../columns.ts';
import { drillEnds, drillTriggers } from '../enums.ts';
import { agents } from './agents.ts';
import { credentials } from './credentials.ts';
import { stops } from './gate.ts';

/**
 * Exercises on agents that are marked for it. What a drill measured is read from the rows of the alert
 * and the stop; here stand only what has no row of its own, and what was looked at when.
 */
export const drills = pgTable(
  'drills',
  {
    tenantId: tenantId(),
    id: typeId('id', 'drill').notNull(),
    agentId: typeId('agent_id', 'agent').notNull(),
    trigger: oneOf('trigger', drillTriggers).notNull(),
    /** The stop is left to people; else it is placed as soon as the alert is there. */
    isHandsOn: boolean('is_hands_on').notNull(),
    startedBy: text('started_by').notNull(),
    startedAt: instant('started_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** Revoked where it was made, once the stop is acknowledged; null where none was chosen. */
    credentialId: typeId('credential_id', 'credential'),
    /** When the event that a rule has to find was durable in the log. */
    signalledAt: instant('signalled_at'),
    /** The first stop of the agent since the start; null while there is none. */
    stopId: typeId('stop_id', 'stop'),
    /** The first look at which every known instance was quiet. */
    confirmedAt: instant('confirmed_at'),
    /** Live leases of the agent that were ended; null until that was done. */
    leasesEnded: integer('leases_ended'),
    /** When none of them was live any more; null where there was none to end. */
    revokedAt: instant('revoked_at'),
    endedAt: instant('ended_at'),
    /** Null while it runs. */
    ended: oneOf('ended', drillEnds),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.agentId], foreignColumns: [agents.tenantId, agents.id] }),
    foreignKey({
      columns: [t.tenantId, t.credentialId],
      foreignColumns: [credentials.tenantId, credentials.id],
    }),
    foreignKey({ columns: [t.tenantId, t.stopId], foreignColumns: [stops.tenantId, stops.id] }),
    // One drill of an agent at a time; the worker asks for those that run.
    uniqueIndex('drills_running')
      .on(t.tenantId, t.agentId)
      .where(sql`ended_at is null`),
    // The list, newest first; when the last one was.
    index('drills_recent').on(t.tenantId, t.startedAt.desc(), t.id),
    tenantPolicy(),
  ],
).enableRLS();

/** How often a tenant drills by itself, and on which agent. */
export const drillPlans = pgTable(
  'drill_plans',
  {
    tenantId: tenantId(),
    agentId: typeId('agent_id', 'agent').notNull(),
    intervalDays: integer('interval_days').notNull(),
    setBy: text('set_by').notNull(),
    setAt: instant('set_at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId] }),
    foreignKey({ columns: [t.tenantId, t.agentId], foreignColumns: [agents.tenantId, agents.id] }),
    tenantPolicy(),
  ],
).enableRLS();
