import { and, eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { actions } from '#db/schema/actions.ts';
import { agents } from '#db/schema/agents.ts';
import { readStopSpans } from '#server/detection/internal/read-stop-spans.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

export type HoldProblem =
  | 'asked_while_stopped'
  | 'redeemed_while_stopped'
  | 'outcome_missing'
  | 'called_false_block'
  | 'dead_lease_presented';

/** Something that went wrong around an action, and that no event of telemetry tells. */
export interface HoldIncident {
  /** Of the audit row or the permit that says so. */
  readonly id: string;
  readonly problem: HoldProblem;
  readonly atMs: number;
  readonly agentId: string;
  readonly agentSlug: string;
  readonly sessionId: string | null;
  readonly traceId: string | null;
  readonly tool: string | null;
  /** Null for an action that came to nothing. */
  readonly actionId: string | null;
}

export interface Found<Cursor> {
  readonly incidents: readonly HoldIncident[];
  /** Where to go on; null where nothing moved. */
  readonly next: Cursor | null;
}

/** Up to where the audit log has been read; transaction ids count per incarnation. */
export const auditCursorSchema = z.object({
  incarnation: z.int(),
  xid: z.string(),
  seq: z.number(),
});
type AuditCursor = z.infer<typeof auditCursorSchema>;
export const firstOfLog: AuditCursor = { incarnation: 0, xid: '0', seq: 0 };

interface LogRow extends Record<string, unknown> {
  readonly id: string;
  readonly incarnation: number;
  readonly xid: string;
  readonly seq: number;
  readonly at_ms: number;
  readonly subject_id: string;
}

interface RefusalRow extends LogRow {
  readonly action_id: string | null;
  readonly session_id: string | null;
  readonly trace_id: string | null;
  readonly tool: string | null;
}

/**
 * Asks, redeems and wishes for leases that were refused because of a stop, as far as they violate it. Read below the
 * horizon of running transactions, so that none is passed over.
 */
export async function readRefusals(
  tx: Tx,
  ctx: Ctx,
  since: AuditCursor,
): Promise<Found<AuditCursor>> {
  const rows = await tx.execute<RefusalRow>(sql`
    select l.id, i.incarnation, l.xid::text, l.seq::float8, l.subject_id,
      (extract(epoch from l.at) * 1000)::float8 as at_ms,
      l.detail->>'action' as action_id, l.detail->>'sessionId' as session_id,
      l.detail->>'traceId' as trace_id, l.detail->>'tool' as tool
    from audit_log l cross join log_incarnation i
    where l.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and l.cause = 'halted'
      and l.action in ('permit.refused', 'action.refused', 'lease.refused')
      and l.xid < pg_snapshot_xmin(pg_current_snapshot())
      and case when i.incarnation = ${since.incarnation}
        then (l.xid, l.seq) > (${since.xid}::xid8, ${since.seq}) else l.seq > ${since.seq} end
    order by l.xid, l.seq
    limit ${limits.holdSweepRows}`);
  const last = rows.at(-1);
  if (last === undefined) return { incidents: [], next: null };
  const attempts = await attemptsOf(tx, ctx, rows);
  const agentIds = [...new Set(attempts.map((attempt) => attempt.agentId))];
  const stops = await readStopSpans(tx, ctx, agentIds, rows[0]?.at_ms ?? 0);
  return {
    incidents: attempts.filter(
      (attempt) => stops.isViolatedBy({ ...attempt, instanceId: null }) === true,
    ),
    next: { incarnation: last.incarnation, xid: last.xid, seq: last.seq },
  };
}

interface DeadLeaseRow extends LogRow {
  readonly agent_id: string | null;
  readonly session_id: string | null;
  readonly tool: string | null;
}

/** Tokens of dead leases that tools were shown; below the horizon as well. */
export async function readDeadLeases(
  tx: Tx,
  ctx: Ctx,
  since: AuditCursor,
): Promise<Found<AuditCursor>> {
  const rows = await tx.execute<DeadLeaseRow>(sql`
    select l.id, i.incarnation, l.xid::text, l.seq::float8, l.subject_id,
      (extract(epoch from l.at) * 1000)::float8 as at_ms, l.detail->>'agent' as agent_id,
      l.detail->>'sessionId' as session_id, l.detail->>'tool' as tool
    from audit_log l cross join log_incarnation i
    where l.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and l.action = 'lease.presented_dead'
      and l.xid < pg_snapshot_xmin(pg_current_snapshot())
      and case when i.incarnation = ${since.incarnation}
        then (l.xid, l.seq) > (${since.xid}::xid8, ${since.seq}) else l.seq > ${since.seq} end
    order by l.xid, l.seq
    limit ${limits.holdSweepRows}`);
  const last = rows.at(-1);
  if (last === undefined) return { incidents: [], next: null };
  const holders = rows.flatMap(({ agent_id: id }) =>
    id !== null && isId('agent', id) ? [id] : [],
  );
  const slugs = await readSlugs(tx, ctx, holders);
  return {
    incidents: rows.flatMap((row): HoldIncident[] => {
      const agentSlug = slugs.get(row.agent_id ?? '');
      if (agentSlug === undefined) return [];
      const { session_id: sessionId, tool } = row;
      const who = { agentId: row.agent_id ?? '', agentSlug, sessionId, traceId: null, tool };
      const told = { id: idOf('audit', row.id), atMs: row.at_ms, actionId: null };
      return [{ ...told, ...who, problem: 'dead_lease_presented' }];
    }),
    next: { incarnation: last.incarnation, xid: last.xid, seq: last.seq },
  };
}

/** Denials that agents call false, in the order of their reports; below the horizon as well. */
export async function readFalseBlocks(
  tx: Tx,
  ctx: Ctx,
  since: AuditCursor,
): Promise<Found<AuditCursor>> {
  const rows = await tx.execute<LogRow>(sql`
    select l.id, i.incarnation, l.xid::text, l.seq::float8, l.subject_id,
      (extract(epoch from l.at) * 1000)::float8 as at_ms
    from audit_log l cross join log_incarnation i
    where l.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and l.action = 'action.false_block_reported'
      and l.xid < pg_snapshot_xmin(pg_current_snapshot())
      and case when i.incarnation = ${since.incarnation}
        then (l.xid, l.seq) > (${since.xid}::xid8, ${since.seq}) else l.seq > ${since.seq} end
    order by l.xid, l.seq
    limit ${limits.holdSweepRows}`);
  const last = rows.at(-1);
  if (last === undefined) return { incidents: [], next: null };
  const asked = await readActions(
    tx,
    ctx,
    rows.map((row) => row.subject_id),
  );
  const actionOf = new Map(asked.map((action) => [action.id, action]));
  return {
    incidents: rows.flatMap((row): HoldIncident[] => {
      const action = actionOf.get(row.subject_id);
      if (action === undefined) return [];
      const { id: actionId, ...rest } = action;
      const told = { id: idOf('audit', row.id), atMs: row.at_ms };
      return [{ ...told, ...rest, actionId, problem: 'called_false_block' }];
    }),
    next: { incarnation: last.incarnation, xid: last.xid, seq: last.seq },
  };
}

/** A redeem is the attempt of the agent whose action it is, whoever presents the permit. */
async function attemptsOf(
  tx: Tx,
  ctx: Ctx,
  rows: readonly RefusalRow[],
): Promise<(HoldIncident & { readonly tool: string | null })[]> {
  const actionIds = rows.flatMap((row) => (isAction(row.action_id) ? [row.action_id] : []));
  const redeemed = new Map((await readActions(tx, ctx, actionIds)).map((row) => [row.id, row]));
  const askers = rows.flatMap((row) => (isId('agent', row.subject_id) ? [row.subject_id] : []));
  const slugs = await readSlugs(tx, ctx, askers);
  return rows.flatMap((row): HoldIncident[] => {
    const told = { id: idOf('audit', row.id), atMs: row.at_ms };
    const action = redeemed.get(row.action_id ?? '');
    if (action !== undefined) {
      const { id: actionId, ...rest } = action;
      return [{ ...told, ...rest, actionId, problem: 'redeemed_while_stopped' }];
    }
    const agentSlug = slugs.get(row.subject_id);
    if (agentSlug === undefined) return [];
    const { session_id: sessionId, trace_id: traceId, tool } = row;
    const problem = 'asked_while_stopped';
    const who = { agentId: row.subject_id, agentSlug, sessionId, traceId, tool };
    return [{ ...told, ...who, actionId: null, problem }];
  });
}

const isAction = (id: string | null): id is string => id !== null && isId('action', id);

async function readActions(tx: Tx, ctx: Ctx, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return tx
    .select({
      id: actions.id,
      agentId: actions.agentId,
      agentSlug: actions.agentSlug,
      sessionId: actions.sessionId,
      traceId: actions.traceId,
      tool: actions.tool,
    })
    .from(actions)
    .where(and(eq(actions.tenantId, ctx.tenantId), inArray(actions.id, [...ids])));
}

async function readSlugs(
  tx: Tx,
  ctx: Ctx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: agents.id, slug: agents.slug })
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenantId), inArray(agents.id, [...ids])));
  return new Map(rows.map((row) => [row.id, row.slug]));
}

/** Up to which outcome that was owed has been looked for. */
export const owedCursorSchema = z.object({ dueAt: z.string(), permitId: z.string() });
type OwedCursor = z.infer<typeof owedCursorSchema>;
export const firstOwed: OwedCursor = { dueAt: '1970-01-01T00:00:00Z', permitId: '' };

interface OwedRow extends Record<string, unknown> {
  readonly id: string;
  readonly due_at: string;
  readonly due_ms: number;
  readonly has_outcome: boolean;
  readonly action_id: string;
  readonly agent_id: string;
  readonly agent_slug: string;
  readonly session_id: string | null;
  readonly trace_id: string | null;
  readonly tool: string;
}

const zeroUuid = '00000000-0000-0000-0000-000000000000';

/**
 * Redeemed permits whose outcome was owed by now and never came. A redeem commits long before its
 * outcome is due, so nothing is ever added below the cursor.
 */
export async function readOwed(tx: Tx, ctx: Ctx, since: OwedCursor): Promise<Found<OwedCursor>> {
  const sinceId = isId('permit', since.permitId) ? uuidOf(since.permitId) : zeroUuid;
  const rows = await tx.execute<OwedRow>(sql`
    select p.id, p.outcome_due_at::text as due_at,
      (extract(epoch from p.outcome_due_at) * 1000)::float8 as due_ms,
      exists (select 1 from outcomes o where o.tenant_id = p.tenant_id
        and o.action_id = p.action_id) as has_outcome,
      a.id as action_id, a.agent_id, a.agent_slug, a.session_id, a.trace_id::text, a.tool
    from permits p
    join actions a on a.tenant_id = p.tenant_id and a.id = p.action_id
    where p.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and p.redeemed_at is not null
      and p.outcome_due_at <= clock_timestamp()
      and p.outcome_due_at >= ${since.dueAt}::timestamptz
      and (p.outcome_due_at, p.id) > (${since.dueAt}::timestamptz, ${sinceId}::uuid)
    order by p.outcome_due_at, p.id
    limit ${limits.holdSweepRows}`);
  const last = rows.at(-1);
  if (last === undefined) return { incidents: [], next: null };
  return {
    incidents: rows
      .filter((row) => !row.has_outcome)
      .map((row) => ({
        id: idOf('permit', row.id),
        problem: 'outcome_missing',
        atMs: row.due_ms,
        agentId: idOf('agent', row.agent_id),
        agentSlug: row.agent_slug,
        sessionId: row.session_id,
        traceId: row.trace_id?.replaceAll('-', '') ?? null,
        tool: row.tool,
        actionId: idOf('action', row.action_id),
      })),
    next: { dueAt: last.due_at, permitId: idOf('permit', last.id) },
  };
}
