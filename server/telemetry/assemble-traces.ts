import { sql } from 'drizzle-orm';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { textArray } from './array-literal.ts';
import {
  countMinutes,
  type EventHeader,
  foldTraces,
  sightInstances,
  type TraceRow,
} from './fold-traces.ts';
import { headerOf } from './event-header.ts';
import { agentIdOf, type TailEvent } from './tail-event.ts';
import type { TailConsumer } from './tail-consumer.ts';
import { hasInheritance, resolveContexts, type SpanHeader } from './resolve-contexts.ts';
import { writeContexts, writeInstances, writeMinuteCounts, writeTraces } from './write-traces.ts';

/**
 * Keeps trace rows, inherited context, minute counts and sightings of agent instances beside the log. Reads what it
 * knows of the touched traces before its write transaction: nobody else writes those columns, and a
 * second assembler that got in between makes this batch roll back.
 */
export const assembler: TailConsumer<TailEvent> = {
  name: 'assembler',
  permission: 'telemetry.derive',
  itemsMax: limits.assembleEventsMax,
  derive: async (ctx, batch) => {
    const events = batch.map(headerOf);
    const known = await readTraceRows(ctx, [...new Set(events.map((event) => event.traceId))]);
    const folded = foldTraces(known, events);
    const spans = await readSpans(ctx, folded, known, events);
    const { traces, contexts } = resolveContexts(folded, spans);
    const recomputed = [...spans.keys()].filter((id) => known.has(id));
    const counts = countMinutes(events);
    const sightings = sightInstances(events);
    return async (tx) => {
      await writeTraces(tx, ctx.tenantId, traces);
      await writeContexts(tx, ctx.tenantId, recomputed, contexts);
      await writeMinuteCounts(tx, ctx.tenantId, counts);
      await writeInstances(tx, ctx.tenantId, sightings);
    };
  },
};

type StoredRow = Omit<TraceRow, 'at'> & TraceRow['at'];

async function readTraceRows(ctx: Ctx, ids: readonly string[]): Promise<Map<string, TraceRow>> {
  const rows = await withRead(ctx, (tx) =>
    tx.execute<StoredRow & Record<string, unknown>>(sql`
      select translate(id::text, '-', '') as id, title, agent_ids as "agentIds",
        agent_slugs as "agentSlugs", session_id as "sessionId", user_id as "userId",
        ${micros('title_at')} as "titleAtUs", ${micros('started_at')} as "startedAtUs",
        ${micros('ended_at')} as "endedAtUs", ${micros('first_received_at')} as "firstReceivedAtUs",
        ${micros('last_received_at')} as "lastReceivedAtUs", events, tool_calls as "toolCalls",
        errors, findings, tools, has_untrusted as "hasUntrusted",
        context_told as "contextTold", context_lacking as "contextLacking", 0 as incarnation,
        xid::text as xid, seq::float8 as seq
      from traces
      where tenant_id = ${uuidOf(ctx.tenantId)} and id = any (${textArray(ids)}::uuid[])`),
  );
  return new Map(
    rows.map(({ incarnation, xid, seq, ...row }) => [
      row.id,
      { ...row, at: { incarnation, xid, seq } },
    ]),
  );
}

/**
 * Every span of the traces in which there is something to inherit: from the batch where it holds
 * the whole trace, else from the log, up to and including the batch.
 */
async function readSpans(
  ctx: Ctx,
  folded: ReadonlyMap<string, TraceRow>,
  known: ReadonlyMap<string, TraceRow>,
  events: readonly EventHeader[],
): Promise<Map<string, SpanHeader[]>> {
  const open = [...folded.values()].filter(
    (row) => hasInheritance(row) && row.events <= limits.traceEventsMax,
  );
  const spans = new Map(open.map((row) => [row.id, [] as SpanHeader[]]));
  for (const event of events) spans.get(event.traceId)?.push(event);
  const older = open.map((row) => row.id).filter((id) => known.has(id));
  const last = events.at(-1)?.at;
  if (older.length === 0 || last === undefined) return spans;
  for (const id of older) spans.set(id, []);
  const rows = await withRead(ctx, (tx) =>
    tx.execute<SpanHeader & { traceId: string } & Record<string, unknown>>(sql`
      select translate(trace_id::text, '-', '') as "traceId", span_id as "spanId",
        parent_span_id as "parentSpanId", agent_id::text as "agentId", agent_slug as "agentSlug",
        agent_explicit as "agentExplicit", session_id as "sessionId",
        conversation_id as "conversationId", user_id as "user"
      from events
      where tenant_id = ${uuidOf(ctx.tenantId)} and trace_id = any (${textArray(older)}::uuid[])
        and (incarnation, xid, seq) <= (${last.incarnation}::smallint, ${last.xid}::xid8,
          ${last.seq}::bigint)
      order by incarnation, xid, seq`),
  );
  for (const row of rows) {
    spans.get(row.traceId)?.push({ ...row, agentId: agentIdOf(row.agentId) });
  }
  return spans;
}

const micros = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000000)::float8`);
