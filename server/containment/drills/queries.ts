import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver, instantOrNullFromDriver } from '#db/columns.ts';
import type { DrillEnd, DrillTrigger } from '#db/enums.ts';
import { agents } from '#db/schema/agents.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Drill, DrillPlan } from './contract.ts';
import { judgePlan, measureDrill } from './drill-steps.ts';

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly agent_id: string;
  readonly slug: string;
  readonly is_drill: boolean;
  readonly trigger: DrillTrigger;
  readonly is_hands_on: boolean;
  readonly started_by: string;
  readonly started_at: string;
  readonly signalled_at: string | null;
  readonly alert_id: string | null;
  readonly detected_at: string | null;
  readonly stop_id: string | null;
  readonly stopped_by: string | null;
  readonly stopped_at: string | null;
  readonly acknowledged_at: string | null;
  readonly lifted_at: string | null;
  readonly leases_ended: number | null;
  readonly revoked_at: string | null;
  readonly credential_id: string | null;
  readonly credential_name: string | null;
  readonly credential_says: string | null;
  readonly credential_dead_at: string | null;
  readonly confirmed_at: string | null;
  readonly ended_at: string | null;
  readonly ended: DrillEnd | null;
}

/** Drills with the rows that they are measured by; a lift that lies ahead has not come. */
export async function selectDrills(tx: Tx, ctx: Ctx, which: SQL, max: number): Promise<Drill[]> {
  const rows = await tx.execute<Row>(sql`
    select d.id, d.agent_id, g.slug, g.is_drill, d.trigger, d.is_hands_on, d.started_by, d.started_at::text,
      d.signalled_at::text, a.id as alert_id, a.opened_at::text as detected_at, d.stop_id,
      s.placed_by_label as stopped_by, s.placed_at::text as stopped_at, s.acknowledged_at::text,
      case when s.lifted_at <= clock_timestamp() then s.lifted_at::text end as lifted_at,
      d.leases_ended, d.revoked_at::text, d.credential_id, c.name as credential_name,
      r.says as credential_says, r.verified_at::text as credential_dead_at, d.confirmed_at::text, d.ended_at::text, d.ended
    from drills d
    join agents g on g.tenant_id = d.tenant_id and g.id = d.agent_id
    left join stops s on s.tenant_id = d.tenant_id and s.id = d.stop_id
    left join credentials c on c.tenant_id = d.tenant_id and c.id = d.credential_id
    left join revocations r on r.tenant_id = d.tenant_id and r.credential_id = d.credential_id
      and r.target = 'provider'
    left join lateral (
      select t.id, t.opened_at from alert_evidence e
      join alerts t on t.tenant_id = e.tenant_id and t.id = e.alert_id
      -- A drill's trace is its own id; another alert of it may be there beside.
      where e.tenant_id = d.tenant_id and e.trace_id = d.id and t.opened_at >= d.started_at
      order by t.opened_at limit 1) a on true
    where d.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and ${which}
    order by d.started_at desc, d.id limit ${max}`);
  return rows.map(presentDrill);
}

function presentDrill(row: Row): Drill {
  const instants = {
    startedAt: instantFromDriver(row.started_at),
    signalledAt: instantOrNullFromDriver(row.signalled_at),
    detectedAt: instantOrNullFromDriver(row.detected_at),
    stoppedAt: instantOrNullFromDriver(row.stopped_at),
    acknowledgedAt: instantOrNullFromDriver(row.acknowledged_at),
    revokedAt: instantOrNullFromDriver(row.revoked_at),
    credentialDeadAt: instantOrNullFromDriver(row.credential_dead_at),
    confirmedAt: instantOrNullFromDriver(row.confirmed_at),
    liftedAt: instantOrNullFromDriver(row.lifted_at),
  };
  return {
    ...instants,
    id: idOf('drill', row.id),
    agent: { id: idOf('agent', row.agent_id), slug: row.slug },
    isMarked: row.is_drill,
    trigger: row.trigger,
    isHandsOn: row.is_hands_on,
    startedBy: row.started_by,
    alertId: row.alert_id === null ? null : idOf('alert', row.alert_id),
    stopId: row.stop_id === null ? null : idOf('stop', row.stop_id),
    stoppedBy: row.stopped_by,
    leasesEnded: row.leases_ended,
    credential: credentialOf(row),
    endedAt: instantOrNullFromDriver(row.ended_at),
    ended: row.ended,
    measures: measureDrill(instants),
  };
}

const credentialOf = (row: Row): Drill['credential'] =>
  row.credential_id === null
    ? null
    : {
        id: idOf('credential', row.credential_id),
        name: row.credential_name ?? '',
        says: row.credential_says,
      };

/** The latest drills, newest first, at most `limits.drillTrendMax`. @throws AppError `forbidden` */
export async function listDrills(ctx: Ctx): Promise<Drill[]> {
  requirePermission(ctx, 'stops.read');
  return withRead(ctx, (tx) => selectDrills(tx, ctx, sql`true`, limits.drillTrendMax));
}

/** One drill. @throws AppError `forbidden`, `not_found` */
export async function readDrill(ctx: Ctx, id: string): Promise<Drill> {
  requirePermission(ctx, 'stops.read');
  const found = isId('drill', id)
    ? await withRead(ctx, (tx) => selectDrills(tx, ctx, sql`d.id = ${uuidOf(id)}::uuid`, 1))
    : [];
  const [drill] = found;
  if (!drill) throw new AppError('not_found', 'There is no such drill in this tenant.');
  return drill;
}

/** Agents that are marked for drills, by slug. @throws AppError `forbidden` */
export async function listDrillAgents(ctx: Ctx): Promise<{ id: string; slug: string }[]> {
  requirePermission(ctx, 'agents.read');
  return withRead(ctx, (tx) =>
    tx
      .select({ id: agents.id, slug: agents.slug })
      .from(agents)
      .where(and(eq(agents.tenantId, ctx.tenantId), eq(agents.isDrill, true)))
      .orderBy(agents.slug)
      .limit(limits.pageItemsMax),
  );
}

/** How often this tenant drills; null where it is not set. @throws AppError `forbidden` */
export async function readDrillPlan(ctx: Ctx): Promise<DrillPlan | null> {
  requirePermission(ctx, 'stops.read');
  return withRead(ctx, async (tx) => (await selectPlan(tx, ctx))?.plan ?? null);
}

interface PlanRow extends Record<string, unknown> {
  readonly agent_id: string;
  readonly slug: string;
  readonly interval_days: number;
  readonly set_by: string;
  readonly set_at: string;
  readonly set_ms: number;
  readonly now_ms: number;
  readonly started_ms: number | null;
  readonly done_ms: number | null;
}

/** The plan of a tenant with what follows from it now. */
export async function selectPlan(
  tx: Tx,
  ctx: Ctx,
): Promise<{ plan: DrillPlan; isDue: boolean } | null> {
  const tenant = sql`${uuidOf(ctx.tenantId)}::uuid`;
  const [row] = await tx.execute<PlanRow>(sql`
    select p.agent_id, g.slug, p.interval_days, p.set_by, p.set_at::text,
      (extract(epoch from p.set_at) * 1000)::float8 as set_ms,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
      (select (extract(epoch from max(d.started_at)) * 1000)::float8 from drills d
        where d.tenant_id = ${tenant}) as started_ms,
      (select (extract(epoch from max(d.ended_at)) * 1000)::float8 from drills d
        where d.tenant_id = ${tenant} and d.ended = 'done') as done_ms
    from drill_plans p join agents g on g.tenant_id = p.tenant_id and g.id = p.agent_id
    where p.tenant_id = ${tenant}`);
  if (!row) return null;
  const facts = {
    setMs: row.set_ms,
    intervalDays: row.interval_days,
    lastStartedMs: row.started_ms,
    lastDoneMs: row.done_ms,
  };
  const { dueMs, isDue, isOverdue } = judgePlan(facts, row.now_ms);
  const plan = {
    agent: { id: idOf('agent', row.agent_id), slug: row.slug },
    intervalDays: row.interval_days,
    setBy: row.set_by,
    setAt: instantFromDriver(row.set_at),
    lastDoneAt: row.done_ms === null ? null : new Date(row.done_ms).toISOString(),
    dueAt: new Date(dueMs).toISOString(),
    isOverdue,
  };
  return { plan, isDue };
}
