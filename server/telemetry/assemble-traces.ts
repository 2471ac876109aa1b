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
import { readHeaders } from './read-headers.ts';
import type { TailConsumer } from './tail-consumer.ts';
import { writeInstances, writeMinuteCounts, writeTraces } from './write-traces.ts';

/**
 * Keeps trace rows, minute counts and sightings of agent instances beside the log. Reads what it
 * knows of the touched traces before its write transaction: nobody else writes those columns, and a
 * second assembler that got in between makes this batch roll back.
 */
export const assembler: TailConsumer<EventHeader> = {
  name: 'assembler',
  permission: 'telemetry.derive',
  itemsMax: limits.assembleEventsMax,
  read: readHeaders,
  derive: async (ctx, events) => {
    const known = await readTraceRows(ctx, [...new Set(events.map((event) => event.traceId))]);
    const traces = [...foldTraces(known, events).values()];
    const counts = countMinutes(events);
    const sightings = sightInstances(events);
    return async (tx) => {
      await writeTraces(tx, ctx.tenantId, traces);
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
        errors, findings, tools, has_untrusted as "hasUntrusted", 0 as incarnation,
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

const micros = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000000)::float8`);
