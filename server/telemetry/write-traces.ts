import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { plainArray, textArray } from './array-literal.ts';
import type { SpanContextRow } from './resolve-contexts.ts';
import type { InstanceSighting, MinuteCount, TraceRow } from './fold-traces.ts';

const instantOf = (column: string) =>
  sql.raw(`'epoch'::timestamptz + ${column} * interval '1 microsecond'`);

/** Writes whole trace rows, new and changed ones in one statement. */
export async function writeTraces(
  tx: Tx,
  tenantId: TenantId,
  rows: readonly TraceRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into traces (tenant_id, id, title, title_at, agent_ids, agent_slugs, session_id, user_id,
      started_at, ended_at, first_received_at, last_received_at, events, tool_calls, errors,
      findings, tools, has_untrusted, context_told, context_lacking, xid, seq)
    select ${uuidOf(tenantId)}::uuid, id, title, ${instantOf('title_at')}, agent_ids,
      agent_slugs::text[], session_id, user_id, ${instantOf('started_at')},
      ${instantOf('ended_at')}, ${instantOf('first_received_at')},
      ${instantOf('last_received_at')}, events, tool_calls, errors, findings, tools::text[],
      has_untrusted, context_told, context_lacking, xid, seq
    from unnest(
      ${textArray(rows.map((row) => row.id))}::uuid[],
      ${textArray(rows.map((row) => row.title))}::text[],
      ${plainArray(rows.map((row) => row.titleAtUs))}::float8[],
      ${textArray(rows.map((row) => JSON.stringify(row.agentIds)))}::jsonb[],
      ${textArray(rows.map((row) => textArray(row.agentSlugs)))}::text[],
      ${textArray(rows.map((row) => row.sessionId))}::text[],
      ${textArray(rows.map((row) => row.userId))}::text[],
      ${plainArray(rows.map((row) => row.startedAtUs))}::float8[],
      ${plainArray(rows.map((row) => row.endedAtUs))}::float8[],
      ${plainArray(rows.map((row) => row.firstReceivedAtUs))}::float8[],
      ${plainArray(rows.map((row) => row.lastReceivedAtUs))}::float8[],
      ${plainArray(rows.map((row) => row.events))}::int[],
      ${plainArray(rows.map((row) => row.toolCalls))}::int[],
      ${plainArray(rows.map((row) => row.errors))}::int[],
      ${plainArray(rows.map((row) => row.findings))}::int[],
      ${textArray(rows.map((row) => textArray(row.tools)))}::text[],
      ${plainArray(rows.map((row) => row.hasUntrusted))}::bool[],
      ${plainArray(rows.map((row) => row.contextTold))}::smallint[],
      ${plainArray(rows.map((row) => row.contextLacking))}::smallint[],
      ${textArray(rows.map((row) => row.at.xid))}::xid8[],
      ${plainArray(rows.map((row) => row.at.seq))}::int8[]
    ) as t(id, title, title_at, agent_ids, agent_slugs, session_id, user_id, started_at, ended_at,
      first_received_at, last_received_at, events, tool_calls, errors, findings, tools,
      has_untrusted, context_told, context_lacking, xid, seq)
    on conflict (tenant_id, id) do update set
      title = excluded.title, title_at = excluded.title_at, agent_ids = excluded.agent_ids,
      agent_slugs = excluded.agent_slugs, session_id = excluded.session_id,
      user_id = excluded.user_id, started_at = excluded.started_at, ended_at = excluded.ended_at,
      first_received_at = excluded.first_received_at,
      last_received_at = excluded.last_received_at, events = excluded.events,
      tool_calls = excluded.tool_calls, errors = excluded.errors, findings = excluded.findings,
      tools = excluded.tools, has_untrusted = excluded.has_untrusted,
      context_told = excluded.context_told, context_lacking = excluded.context_lacking,
      xid = excluded.xid, seq = excluded.seq`);
}

/**
 * Makes `rows` all that the spans of these traces inherit: what no longer holds goes (a trace's only
 * session is nobody's once there are two), what would not change is left alone.
 */
export async function writeContexts(
  tx: Tx,
  tenantId: TenantId,
  traceIds: readonly string[],
  rows: readonly SpanContextRow[],
): Promise<void> {
  if (traceIds.length > 0) {
    await tx.execute(sql`
      delete from event_context c
      where c.tenant_id = ${uuidOf(tenantId)} and c.trace_id = any (${textArray(traceIds)}::uuid[])
        and not exists (
          select 1 from unnest(
            ${textArray(rows.map((row) => row.traceId))}::uuid[],
            ${textArray(rows.map((row) => row.spanId))}::text[]
          ) as kept(trace_id, span_id)
          where kept.trace_id = c.trace_id and kept.span_id = c.span_id)`);
  }
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into event_context (tenant_id, trace_id, span_id, agent_id, agent_slug, session_id,
      conversation_id, user_id)
    select ${uuidOf(tenantId)}::uuid, c.*
    from unnest(
      ${textArray(rows.map((row) => row.traceId))}::uuid[],
      ${textArray(rows.map((row) => row.spanId))}::text[],
      ${textArray(rows.map((row) => (row.agent === null ? null : uuidOf(row.agent.id))))}::uuid[],
      ${textArray(rows.map((row) => row.agent?.slug ?? null))}::text[],
      ${textArray(rows.map((row) => row.sessionId))}::text[],
      ${textArray(rows.map((row) => row.conversationId))}::text[],
      ${textArray(rows.map((row) => row.user))}::text[]
    ) as c
    on conflict (tenant_id, trace_id, span_id) do update set
      agent_id = excluded.agent_id, agent_slug = excluded.agent_slug,
      session_id = excluded.session_id, conversation_id = excluded.conversation_id,
      user_id = excluded.user_id
    where (event_context.agent_id, event_context.session_id, event_context.conversation_id,
        event_context.user_id)
      is distinct from (excluded.agent_id, excluded.session_id, excluded.conversation_id,
        excluded.user_id)`);
}

/** Adds to the counts of received minutes. */
export async function writeMinuteCounts(
  tx: Tx,
  tenantId: TenantId,
  counts: readonly MinuteCount[],
): Promise<void> {
  if (counts.length === 0) return;
  await tx.execute(sql`
    insert into event_counts (tenant_id, minute, agent_id, kind, events, errors, bytes)
    select ${uuidOf(tenantId)}::uuid, ${instantOf('minute')}, agent_id, kind, events, errors, bytes
    from unnest(
      ${plainArray(counts.map((count) => count.minuteUs))}::float8[],
      ${textArray(counts.map((count) => uuidOf(count.agentId)))}::uuid[],
      ${textArray(counts.map((count) => count.kind))}::text[],
      ${plainArray(counts.map((count) => count.events))}::int[],
      ${plainArray(counts.map((count) => count.errors))}::int[],
      ${plainArray(counts.map((count) => count.bytes))}::int8[]
    ) as c(minute, agent_id, kind, events, errors, bytes)
    on conflict (tenant_id, minute, agent_id, kind) do update set
      events = event_counts.events + excluded.events,
      errors = event_counts.errors + excluded.errors,
      bytes = event_counts.bytes + excluded.bytes`);
}

/** Notes when each instance of an agent was heard of and last began something, never moving either backwards. */
export async function writeInstances(
  tx: Tx,
  tenantId: TenantId,
  sightings: readonly InstanceSighting[],
): Promise<void> {
  if (sightings.length === 0) return;
  await tx.execute(sql`
    insert into agent_instances
      (tenant_id, agent_id, instance_id, first_seen_at, last_seen_at, last_started_at)
    select ${uuidOf(tenantId)}::uuid, agent_id, instance_id, ${instantOf('first_seen')},
      ${instantOf('last_seen')}, ${instantOf('last_started')}
    from unnest(
      ${textArray(sightings.map((sighting) => uuidOf(sighting.agentId)))}::uuid[],
      ${textArray(sightings.map((sighting) => sighting.instanceId))}::text[],
      ${plainArray(sightings.map((sighting) => sighting.firstSeenAtUs))}::float8[],
      ${plainArray(sightings.map((sighting) => sighting.lastSeenAtUs))}::float8[],
      ${plainArray(sightings.map((sighting) => sighting.lastStartedAtUs))}::float8[]
    ) as s(agent_id, instance_id, first_seen, last_seen, last_started)
    on conflict (tenant_id, agent_id, instance_id) do update set
      last_seen_at = greatest(agent_instances.last_seen_at, excluded.last_seen_at),
      last_started_at = greatest(agent_instances.last_started_at, excluded.last_started_at)`);
}
