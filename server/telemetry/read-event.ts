import { sql } from 'drizzle-orm';
import { instantFromDriver } from '#db/columns.ts';
import { actorMay, requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventFlag, Finding } from './contract.ts';
import { encodePosition, type Position } from './position.ts';
import type { EventDetail } from './traces/contract.ts';

interface DetailRow
  extends
    Position,
    Omit<EventDetail, 'position' | 'revisions' | 'flags' | 'findings' | 'identity' | 'body'> {
  readonly [column: string]: unknown;
  readonly isVerified: boolean;
  readonly flags: EventFlag[] | null;
  readonly findings: Finding[] | null;
  readonly text: string | null;
}

/**
 * One event with everything that is stored about it; the payload only for those who may read it.
 * The latest revision unless one is named. @throws AppError `forbidden`, `not_found`.
 */
export async function readEvent(
  ctx: Ctx,
  eventId: string,
  revision: number | null,
): Promise<EventDetail> {
  requirePermission(ctx, 'telemetry.read');
  const mayReadBody = actorMay(ctx.actor, 'telemetry.read_bodies');
  const tenant = uuidOf(ctx.tenantId);
  const rows = await withRead(ctx, (tx) =>
    tx.execute<DetailRow>(sql`
      select e.incarnation, e.xid::text as xid, e.seq::float8 as seq, e.event_id as id, e.revision,
        translate(e.trace_id::text, '-', '') as "traceId", e.span_id as "spanId",
        e.parent_span_id as "parentSpanId", e.is_verified as "isVerified",
        case when e.agent_explicit then e.agent_slug
          else coalesce(c.agent_slug, e.agent_slug) end as agent,
        not e.agent_explicit and c.agent_slug is not null and c.agent_slug <> e.agent_slug
          as "isAgentInherited",
        coalesce(e.session_id, c.session_id) as session,
        coalesce(e.conversation_id, c.conversation_id) as conversation,
        coalesce(e.user_id, c.user_id) as "user", e.instance_id as instance, e.kind, e.phase,
        e.call_id as "callId", e.name, e.model, e.status, e.trust, e.action_id as "actionId",
        e.dialect, e.started_at::text as "startedAt", e.ended_at::text as "endedAt",
        e.received_at::text as "receivedAt", e.flags, e.findings, e.body_bytes as "bodyBytes",
        b.redaction, encode(b.commitment, 'hex') as commitment,
        case when ${mayReadBody} then b.body when b.body is not null then '' end as text
      from event_ids i
      join events e on e.tenant_id = i.tenant_id and e.incarnation = i.incarnation
        and e.xid = i.xid and e.seq = i.seq and e.received_on = i.received_on
      join event_bodies b on b.tenant_id = e.tenant_id and b.received_on = e.received_on
        and b.seq = e.seq
      left join event_context c on c.tenant_id = e.tenant_id and c.trace_id = e.trace_id
        and c.span_id = coalesce(e.span_id, e.parent_span_id)
      where i.tenant_id = ${tenant} and i.id = ${eventId}
      order by i.revision
      limit ${limits.eventRevisionsMax + 1}`),
  );
  const row = revision === null ? rows.at(-1) : rows.find((one) => one.revision === revision);
  if (!row) throw new AppError('not_found', 'There is no such event in this tenant.');
  return detailOf(row, rows, mayReadBody);
}

function detailOf(
  row: DetailRow,
  revisions: readonly DetailRow[],
  mayReadBody: boolean,
): EventDetail {
  const { incarnation, xid, seq, isVerified, text, ...rest } = row;
  return {
    ...rest,
    position: encodePosition({ incarnation, xid, seq }),
    identity: isVerified ? 'verified' : 'claimed',
    startedAt: instantFromDriver(row.startedAt),
    endedAt: row.endedAt === null ? null : instantFromDriver(row.endedAt),
    receivedAt: instantFromDriver(row.receivedAt),
    revisions: revisions.map((one) => ({
      revision: one.revision,
      receivedAt: instantFromDriver(one.receivedAt),
    })),
    flags: row.flags ?? [],
    findings: row.findings ?? [],
    body:
      text === null
        ? { state: 'erased' }
        : mayReadBody
          ? { state: 'shown', text }
          : { state: 'hidden' },
  };
}
