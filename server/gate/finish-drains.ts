import { sql } from 'drizzle-orm';
import { idOf, mintTenantId, newRequestId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Services } from '#server/kernel/services.ts';
import { drainStop } from './drain-stop.ts';

/** Upkeep that finishes what a dead process left. */
export interface DrainUpkeep {
  readonly close: () => Promise<void>;
}

/**
 * Finishes drains whose process died between the two steps of a stop, over all tenants. Such a stop is
 * enforced all the while; this brings its proof. Every worker does it: twice does no harm.
 */
export function finishDrains(services: Services): DrainUpkeep {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= sweep(services)
      .catch((error: unknown) => services.log.warn({ err: error }, 'drains could not be finished'))
      .finally(() => {
        running = null;
      });
  }, limits.drainSweepMs);
  return {
    close: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** Only those that their own process should have finished by now. */
async function sweep(services: Services): Promise<void> {
  const { db } = services;
  const left = await db.execute<{ tenant_id: string; id: string }>(sql`
    select tenant_id, id from stops where state = 'draining'
      and placed_at < clock_timestamp() - make_interval(secs => ${limits.drainWaitMs / 1000})
    order by placed_at limit ${limits.stopsMax}`);
  for (const { tenant_id: tenant, id } of left) {
    const tenantId = mintTenantId(idOf('tenant', tenant));
    const actor = { type: 'system', name: 'system:drain' } as const;
    await drainStop({ db, tenantId, actor, requestId: newRequestId() }, idOf('stop', id));
  }
}
