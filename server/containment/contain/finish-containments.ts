import { sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, mintTenantId, newRequestId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import { carryOut } from './carry-out.ts';
import { containStop } from './contain-stop.ts';

interface Due extends Record<string, unknown> {
  readonly tenant_id: string;
  readonly id: string;
}

/**
 * Finishes containments whose process died in the middle, over all tenants, and begins those of stops
 * that were placed, or raised, by a process that died before it could. A worker has nobody's right to revoke: what a person did not take
 * on waits for one. Every worker may do it: each step is taken once.
 * @returns how many it went on with
 */
export async function finishContainments(db: Db, log: Log): Promise<number> {
  // One that fails holds no other back.
  const each = (work: Promise<void>) =>
    work.catch((error: unknown) => log.warn({ err: error }, 'a containment could not be finished'));
  const left = sql`clock_timestamp() - make_interval(secs => ${limits.drainWaitMs / 1000})`;
  const orphans = await db.execute<Due & { level: number; reason: string }>(sql`
    select s.tenant_id, s.id, s.level, s.reason from stops s
    where s.level >= ${limits.cutLevel} and s.placed_at < ${left} and s.state <> 'lifted'
      and (s.lifted_at is null or s.lifted_at > clock_timestamp())
      and not exists (select 1 from containments c
        where c.tenant_id = s.tenant_id and c.stop_id = s.id and c.level >= s.level)
    order by s.placed_at limit ${limits.stopsMax}`);
  for (const { tenant_id: tenant, id, level, reason } of orphans) {
    await each(containStop(contextOf(db, tenant), { id: idOf('stop', id), level, reason }));
  }
  const due = await db.execute<Due>(sql`
    select tenant_id, id from containments
    where carried_out_at is null and requested_at < ${left} and released_at is null
    order by requested_at limit ${limits.stopsMax}`);
  for (const { tenant_id: tenant, id } of due) {
    await each(carryOut(contextOf(db, tenant), idOf('containment', id)));
  }
  return orphans.length + due.length;
}

function contextOf(db: Db, tenant: string): Ctx {
  const tenantId = mintTenantId(idOf('tenant', tenant));
  const actor = { type: 'system', name: 'system:contain' } as const;
  return { db, tenantId, actor, requestId: newRequestId() };
}
