import { sql } from 'drizzle-orm';
import { boolean, index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { instant, oneOf, tenantId, tenantPolicy, traceId, typeId } from '../columns.ts';
import { callPermits } from '../enums.ts';

/**
 * Calls of governed tools as telemetry told of them, each with the redeemed action that it is the
 * call of. Written by the detector together with its cursor; coverage and the chain of an action are
 * read from it.
 */
export const governedCalls = pgTable(
  'governed_calls',
  {
    tenantId: tenantId(),
    /** The event that tells of the call's end; of its start while no end came. */
    eventId: text('event_id').notNull(),
    agentId: typeId('agent_id', 'agent').notNull(),
    agentSlug: text('agent_slug').notNull(),
    tool: text('tool').notNull(),
    traceId: traceId('trace_id').notNull(),
    spanId: text('span_id'),
    parentSpanId: text('parent_span_id'),
    sessionId: text('session_id'),
    callId: text('call_id'),
    /** Told with the agent's own key; what others tell of it is joined to nothing. */
    isVerified: boolean('is_verified').notNull(),
    /** The action that the event itself names, whatever that is worth. */
    claimedAction: text('claimed_action'),
    startedAt: instant('started_at').notNull(),
    /** When it was over by its own account, at the latest when it was received. */
    endedAt: instant('ended_at').notNull(),
    /** Only its start was told so far: it is not judged yet. */
    isOpen: boolean('is_open').notNull(),
    permit: oneOf('permit', callPermits),
    /** The action whose redeemed permit it used up. */
    actionId: typeId('action_id', 'action'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.eventId] }),
    // One redeem covers one call.
    uniqueIndex('governed_calls_action')
      .on(t.tenantId, t.actionId)
      .where(sql`action_id is not null`),
    // Coverage of an agent and its tools.
    index('governed_calls_agent').on(t.tenantId, t.agentId, t.tool, t.startedAt),
    // What competes for the redeems of a trace.
    index('governed_calls_trace').on(t.tenantId, t.traceId),
    // Starts that wait for their end.
    index('governed_calls_open')
      .on(t.tenantId, t.endedAt)
      .where(sql`is_open`),
    tenantPolicy(),
  ],
).enableRLS();
