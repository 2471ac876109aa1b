import { and, asc, eq, lte, or } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { eventBodies, events } from '#db/schema/telemetry.ts';
import type { TraceText } from '#server/detection/destinations.ts';
import { leavesOf } from '#server/detection/sigma/prepared-event.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventBody } from '#server/telemetry/contract.ts';

/**
 * What the user asked and what untrusted content said in each of these traces: the earliest events
 * of each, bounded in number and size. Read for the few calls that pay or send, never for all.
 */
export async function readTraceTexts(
  tx: Tx,
  ctx: Ctx,
  traces: readonly string[],
): Promise<ReadonlyMap<string, readonly TraceText[]>> {
  const texts = new Map<string, TraceText[]>();
  for (const traceId of traces) texts.set(traceId, await readOne(tx, ctx, traceId));
  return texts;
}

async function readOne(tx: Tx, ctx: Ctx, traceId: string): Promise<TraceText[]> {
  const rows = await tx
    .select({
      at: events.startedAt,
      kind: events.kind,
      trust: events.trust,
      body: eventBodies.body,
    })
    .from(events)
    .innerJoin(
      eventBodies,
      and(
        eq(eventBodies.tenantId, events.tenantId),
        eq(eventBodies.receivedOn, events.receivedOn),
        eq(eventBodies.seq, events.seq),
      ),
    )
    .where(
      and(
        eq(events.tenantId, ctx.tenantId),
        eq(events.traceId, traceId),
        or(eq(events.kind, 'user_message'), eq(events.trust, 'untrusted')),
        lte(events.bodyBytes, limits.destinationBodyBytesMax),
      ),
    )
    .orderBy(asc(events.startedAt))
    .limit(limits.destinationEventsMax);
  return rows.flatMap(({ at, kind, trust, body }) => {
    if (body === null) return [];
    const { input, output } = JSON.parse(body) as EventBody;
    const isAsked = kind === 'user_message' && trust !== 'untrusted';
    // Of a call only what came back: its arguments are the agent's own words.
    const said = kind === 'tool_call' ? [output] : [input, output];
    const text = leavesOf(said).map(String).join('\n').toLowerCase();
    return [{ at: Date.parse(at), kind: isAsked ? 'asked' : 'untrusted', text }];
  });
}
