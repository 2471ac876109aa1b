import { sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { holdAgain } from '#server/gate/hold-again.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { idOf, mintTenantId, newRequestId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import { alertsSince } from './grave-alerts.ts';

interface Watched extends Record<string, unknown> {
  readonly tenant_id: string;
  readonly stop_id: string;
  readonly agent_id: string;
}

/**
 * Holds an agent again that went first out of a stop and alarms, over all tenants: an alert of high
 * severity or worse while it is watched, and for a while longer, since the detector may be behind.
 * Nothing is let go on by itself. Any number of workers may do it: the second changes nothing.
 * @returns how many it held
 */
export async function watchResumptions(db: Db, log: Log): Promise<number> {
  const watched = await db.execute<Watched>(sql`
    select r.tenant_id, r.stop_id, r.agent_id from stop_resumptions r
    join stops s on s.tenant_id = r.tenant_id and s.id = r.stop_id
    where r.ended_at is null and s.state <> 'lifted'
      and coalesce(s.lifted_at > clock_timestamp(), true)
      and r.watched_until > clock_timestamp() - make_interval(mins => ${limits.resumptionWatchMinutes})
    order by r.at limit ${limits.stopsMax}`);
  let held = 0;
  for (const one of watched) {
    const ctx: Ctx = {
      db,
      tenantId: mintTenantId(idOf('tenant', one.tenant_id)),
      actor: { type: 'system', name: 'system:watch' },
      requestId: newRequestId(),
    };
    // One that fails is looked at again in a moment, and holds no other back.
    held += await holdIfAlarming(ctx, one).catch((error: unknown) => {
      log.warn({ err: error, stop: one.stop_id }, 'a resumed agent could not be held again');
      return 0;
    });
  }
  return held;
}

async function holdIfAlarming(ctx: Ctx, { stop_id: stopId, agent_id: agentId }: Watched) {
  const [found] = await withRead(ctx, (tx) =>
    tx.execute<{ grave: number; title: string | null }>(sql`
      select al.grave, al.title from stop_resumptions r, lateral (${alertsSince}) al
      where r.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and r.stop_id = ${stopId}::uuid
        and r.agent_id = ${agentId}::uuid and r.ended_at is null`),
  );
  if (found === undefined || found.grave === 0) return 0;
  const reason = `While it was watched an alert came: ${found.title ?? 'without a title'}`;
  const { changed } = await holdAgain(ctx, {
    id: idOf('stop', stopId),
    agentId: idOf('agent', agentId),
    reason: reason.slice(0, limits.stopReasonCharsMax),
  });
  return changed ? 1 : 0;
}
