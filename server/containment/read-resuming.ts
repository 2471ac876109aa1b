import { sql } from 'drizzle-orm';
import type { z } from 'zod';
import { instantFromDriver } from '#db/columns.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Resumption, resumingSchema } from './contract.ts';
import { alertsSince } from './grave-alerts.ts';
import { judgeResumption } from './judge-resumption.ts';

interface Row extends Record<string, unknown> {
  readonly agent_id: string;
  readonly slug: string;
  readonly at: string;
  readonly watched_until: string;
  readonly ended_at: string | null;
  readonly end_reason: string | null;
  readonly at_ms: number;
  readonly watched_until_ms: number;
  readonly now_ms: number;
  readonly allowed: number;
  readonly held: number;
  readonly denied: number;
  readonly last_seen_at: string | null;
  readonly last_seen_ms: number | null;
  readonly alerts: number;
  readonly grave: number;
}

interface AskedRow extends Record<string, unknown> {
  readonly agent_id: string;
  readonly slug: string;
  readonly by: string;
  readonly at: string;
}

/**
 * Which agents go first out of a stop, what was seen of each until it was held again, and who asks for
 * another. @throws AppError `forbidden`
 */
export async function readResuming(
  ctx: Ctx,
  stopId: string,
): Promise<z.infer<typeof resumingSchema>> {
  requirePermission(ctx, 'stops.read');
  const [tenant, stop] = [sql`${uuidOf(ctx.tenantId)}::uuid`, sql`${uuidOf(stopId)}::uuid`];
  return withRead(ctx, async (tx) => {
    const rows = await tx.execute<Row>(sql`
      select r.agent_id, a.slug, r.at::text, r.watched_until::text, r.ended_at::text, r.end_reason,
        (extract(epoch from r.at) * 1000)::float8 as at_ms,
        (extract(epoch from r.watched_until) * 1000)::float8 as watched_until_ms,
        (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
        d.allowed, d.held, d.denied, i.last_seen::text as last_seen_at,
        (extract(epoch from i.last_seen) * 1000)::float8 as last_seen_ms, al.alerts, al.grave
      from stop_resumptions r join agents a on a.tenant_id = r.tenant_id and a.id = r.agent_id,
        lateral (select count(*) filter (where c.decision = 'allow')::int as allowed,
            count(*) filter (where c.decision = 'hold')::int as held,
            count(*) filter (where c.decision = 'deny')::int as denied
          from actions c where c.tenant_id = r.tenant_id and c.agent_id = r.agent_id
            and c.decided_at >= r.at and (r.ended_at is null or c.decided_at < r.ended_at)) d,
        lateral (select max(n.last_seen_at) as last_seen from agent_instances n
          where n.tenant_id = r.tenant_id and n.agent_id = r.agent_id) i,
        lateral (${alertsSince}) al
      where r.tenant_id = ${tenant} and r.stop_id = ${stop}
      order by r.at desc limit ${limits.pageItemsDefault}`);
    const asked = await tx.execute<AskedRow>(sql`
      select l.agent_id, a.slug, l.actor_label as by, l.at::text
      from stop_lifts l join agents a on a.tenant_id = l.tenant_id and a.id = l.agent_id
      where l.tenant_id = ${tenant} and l.stop_id = ${stop} and l.actor_type = 'person'
        and l.at > clock_timestamp() - make_interval(mins => ${limits.liftPairMinutes})
        and not exists (select 1 from stop_resumptions r where r.tenant_id = l.tenant_id
          and r.stop_id = l.stop_id and r.agent_id = l.agent_id and r.at >= l.at)
      order by l.at limit ${limits.pageItemsDefault}`);
    return {
      resumptions: rows.map(present),
      asked: asked.map(({ agent_id: id, slug: agent, by, at }) => ({
        agentId: idOf('agent', id),
        agent,
        by,
        at: instantFromDriver(at),
      })),
    };
  });
}

/** Names of the agents that work again, by the stop that stands for the others. @throws AppError `forbidden` */
export async function readResumedNames(ctx: Ctx): Promise<ReadonlyMap<string, string[]>> {
  requirePermission(ctx, 'stops.read');
  const rows = await withRead(ctx, (tx) =>
    tx.execute<{ stop_id: string; slugs: string[] }>(sql`
      select r.stop_id, array_agg(a.slug order by r.at) as slugs
      from stop_resumptions r join agents a on a.tenant_id = r.tenant_id and a.id = r.agent_id
        join stops s on s.tenant_id = r.tenant_id and s.id = r.stop_id and s.state <> 'lifted'
      where r.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and r.ended_at is null
      group by r.stop_id limit ${limits.stopsMax}`),
  );
  return new Map(rows.map(({ stop_id: id, slugs }) => [idOf('stop', id), slugs]));
}

function present(row: Row): Resumption {
  const { allowed, held, denied, alerts, grave } = row;
  const watch = {
    atMs: row.at_ms,
    watchedUntilMs: row.watched_until_ms,
    isEnded: row.ended_at !== null,
    graveAlerts: grave,
    asks: allowed + held + denied,
    lastSeenMs: row.last_seen_ms,
  };
  return {
    agentId: idOf('agent', row.agent_id),
    agent: row.slug,
    at: instantFromDriver(row.at),
    watchedUntil: instantFromDriver(row.watched_until),
    endedAt: row.ended_at === null ? null : instantFromDriver(row.ended_at),
    endReason: row.end_reason,
    verdict: judgeResumption(watch, row.now_ms),
    allowed,
    held,
    denied,
    lastSeenAt: row.last_seen_at === null ? null : instantFromDriver(row.last_seen_at),
    alerts,
    graveAlerts: grave,
  };
}
