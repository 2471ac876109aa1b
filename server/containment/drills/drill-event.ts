import type { EventToInsert } from '#server/telemetry/encode-event.ts';
import { uuidOf } from '#server/kernel/ids.ts';

/** What drills say in the log; rules of the same names find it. */
export type DrillEventName = 'signalbox_drill' | 'signalbox_drill_overdue';

/**
 * An event of our own in an agent's name, so that a drill is found by the detector as everything else
 * is. Claimed, never verified: it did not come under the agent's key. It names an instance that is known
 * anyway: one of our own making would stand on the ladder, and be quiet of course.
 */
export function drillEvent(
  name: DrillEventName,
  agent: { readonly id: string; readonly slug: string },
  told: {
    readonly id: string;
    readonly traceId: string;
    readonly at: string;
    readonly instanceId: string | null;
  },
): EventToInsert {
  return {
    event: {
      id: told.id,
      traceId: told.traceId.replaceAll('-', ''),
      spanId: null,
      parentSpanId: null,
      sessionId: null,
      conversationId: null,
      agent: agent.slug,
      instanceId: told.instanceId === '-' ? null : told.instanceId,
      user: null,
      kind: 'lifecycle',
      phase: null,
      callId: null,
      name,
      startedAt: told.at,
      endedAt: told.at,
      status: 'ok',
      model: null,
      actionId: null,
      dialect: 'native',
      flags: [],
      findings: [],
      body: {
        input: null,
        output: null,
        error: null,
        usage: null,
        data: null,
        source: { trust: 'trusted', origin: 'signalbox' },
        attributes: {},
      },
    },
    agentId: agent.id,
    agentSlug: agent.slug,
    agentExplicit: true,
    isVerified: false,
    onConflict: 'reject',
  };
}

/** The trace of a drill: its own id, so that its alert is found by it. */
export const drillTraceId = (drillId: string): string => uuidOf(drillId);
