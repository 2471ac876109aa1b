import { sql } from 'drizzle-orm';
import { foreignKey, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, oneOf, tenantId, tenantPolicy, typeId } from '../columns.ts';
import { stopReceiptStates } from '../enums.ts';
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
