import { sql } from 'drizzle-orm';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { dataSchema, type Finding, type FindingType, usageSchema } from './contract.ts';
import type { TraceEvent } from './wire/contract.ts';
import type { TraceFact } from './traces/contract.ts';

type EventRow = Omit<TraceEvent, 'findings' | 'flags'> & {
  readonly [column: string]: unknown;
  readonly flags: TraceEvent['flags'] | null;
  readonly findings: readonly Finding[] | null;
};

const micros = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000000)::float8`);

/**
 * All events of a trace without payloads, by start and then position, with what they inherit; the
 * earliest `limits.traceEventsMax` of them. @throws AppError `forbidden`.
 */
export async function readTraceEvents(
  ctx: Ctx,
  traceId: string,
): Promise<{ readonly events: TraceEvent[]; readonly isCut: boolean }> {
  requirePermission(ctx, 'telemetry.read');
  const rows = await withRead(ctx, (tx) =>
    tx.execute<EventRow>(sql`
      select e.event_id as id, e.revision, e.span_id as "spanId",
        e.parent_span_id as "parentSpanId", e.kind, e.phase, e.call_id as "callId", e.name,
        case when e.agent_explicit then e.agent_slug
          else coalesce(c.agent_slug, e.agent_slug) end as agent,
        coalesce(e.session_id, c.session_id) as session, coalesce(e.user_id, c.user_id) as "user",
        ${micros('e.started_at')} as "startedAtUs", ${micros('e.ended_at')} as "endedAtUs",
        ${micros('e.received_at')} as "receivedAtUs", e.status, e.trust, e.flags, e.findings,
        t.effect_class as effect
      from events e
      left join event_context c on c.tenant_id = e.tenant_id and c.trace_id = e.trace_id
        and c.span_id = coalesce(e.span_id, e.parent_span_id)
      left join tools t on t.tenant_id = e.tenant_id and e.kind = 'tool_call' and t.name = e.name
      where e.tenant_id = ${uuidOf(ctx.tenantId)} and e.trace_id = ${traceId}::uuid
      order by e.started_at, e.incarnation, e.xid, e.seq
      limit ${limits.traceEventsMax + 1}`),
  );
  const events = rows.slice(0, limits.traceEventsMax).map((row) => ({
    ...row,
    flags: row.flags ?? [],
    findings: typesOf(row.findings ?? []),
  }));
  return { events, isCut: rows.length > limits.traceEventsMax };
}

function typesOf(findings: readonly Finding[]): readonly FindingType[] {
  return [...new Set(findings.map((finding) => finding.type))];
}

interface FactRow {
  readonly [column: string]: unknown;
  readonly eventId: string;
  readonly revision: number;
  readonly usage: unknown;
  readonly data: unknown;
  readonly origin: string | null;
}

/**
 * What the payloads of a trace say about data touched, tokens used and origins, for playback. Only
 * these parts leave the database: whole payloads of a long trace would be gigabytes.
 * @throws AppError `forbidden`.
 */
export async function readTraceFacts(ctx: Ctx, traceId: string): Promise<TraceFact[]> {
  requirePermission(ctx, 'telemetry.read_bodies');
  const rows = await withRead(ctx, (tx) =>
    tx.execute<FactRow>(sql`
      select e.event_id as "eventId", e.revision, x.usage, x.data, x.source ->> 'origin' as origin
      from events e
      join event_bodies b on b.tenant_id = e.tenant_id and b.received_on = e.received_on
        and b.seq = e.seq
      cross join lateral json_to_record(b.body::json) as x(usage json, data json, source json)
      where e.tenant_id = ${uuidOf(ctx.tenantId)} and e.trace_id = ${traceId}::uuid
        and b.body is not null
        and (json_typeof(x.usage) = 'object' or json_typeof(x.data) = 'object'
          or x.source ->> 'origin' is not null)
      order by e.started_at, e.incarnation, e.xid, e.seq
      limit ${limits.traceEventsMax}`),
  );
  return rows.map(factOf);
}

/** Parsed leniently: a payload that says something else about its data says nothing we can show. */
function factOf(row: FactRow): TraceFact {
  const usage = usageSchema.safeParse(row.usage).data;
  const data = dataSchema.safeParse(row.data).data;
  const subjects = data?.subjects ?? [];
  return {
    eventId: row.eventId,
    revision: row.revision,
    inputTokens: usage?.inputTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    origin: row.origin,
    data: data
      ? {
          resource: data.resource ?? null,
          classes: data.classes ?? [],
          subjects: subjects.slice(0, limits.traceFactSubjectsMax),
          subjectsTotal: subjects.length,
          rows: data.rows ?? null,
        }
      : null,
  };
}
