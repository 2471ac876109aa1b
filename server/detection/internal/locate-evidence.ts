import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { eventIds, events } from '#db/schema/telemetry.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { TailEvent } from '#server/telemetry/tail-event.ts';

/** An event as evidence points at it. */
export interface LocatedEvent {
  readonly eventId: string;
  readonly incarnation: number;
  readonly xid: string;
  readonly seq: number;
  readonly receivedOn: string;
  readonly traceId: string;
  readonly startedAt: string;
  readonly agentId: string;
  readonly agentSlug: string;
  readonly sessionId: string | null;
  /** The agent told it under its own key; else it is a claim. */
  readonly isVerified: boolean;
}

const chunkRows = 1000;

/** Where the events of these ids lie: those of the batch are at hand, earlier ones are looked up. */
export async function locateEvents(
  tx: Tx,
  ctx: Ctx,
  batch: readonly TailEvent[],
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, LocatedEvent>> {
  const located = new Map<string, LocatedEvent>();
  for (const event of batch) {
    if (wanted.has(event.id)) located.set(event.id, ofTail(event));
  }
  const earlier = [...wanted].filter((id) => !located.has(id));
  for (let start = 0; start < earlier.length; start += chunkRows) {
    const rows = await selectEvents(tx, ctx, earlier.slice(start, start + chunkRows));
    for (const row of rows) located.set(row.eventId, row);
  }
  return located;
}

function ofTail(event: TailEvent): LocatedEvent {
  const { id, at, receivedOn, traceId, startedAt, agentId, agentSlug, sessionId } = event;
  const isVerified = event.identity === 'verified';
  const place = { eventId: id, ...at, receivedOn, traceId, startedAt };
  return { ...place, agentId, agentSlug, sessionId, isVerified };
}

/** By way of `event_ids`, which knows the partition: the events table has no index by id. */
function selectEvents(tx: Tx, ctx: Ctx, ids: readonly string[]): Promise<LocatedEvent[]> {
  return tx
    .select({
      eventId: events.eventId,
      incarnation: events.incarnation,
      xid: events.xid,
      seq: events.seq,
      receivedOn: events.receivedOn,
      traceId: events.traceId,
      startedAt: events.startedAt,
      agentId: events.agentId,
      agentSlug: events.agentSlug,
      sessionId: events.sessionId,
      isVerified: events.isVerified,
    })
    .from(eventIds)
    .innerJoin(
      events,
      and(
        eq(events.tenantId, eventIds.tenantId),
        eq(events.receivedOn, eventIds.receivedOn),
        eq(events.incarnation, eventIds.incarnation),
        eq(events.xid, eventIds.xid),
        eq(events.seq, eventIds.seq),
      ),
    )
    .where(
      and(
        eq(eventIds.tenantId, ctx.tenantId),
        inArray(eventIds.id, [...ids]),
        eq(eventIds.revision, 0),
      ),
    );
}
