import { sql } from 'drizzle-orm';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

const overlapSeconds = limits.routingOverlapMs / 1000;
/** `routed_until` is moved no more often than this: a row written twice a second is a burden. */
const movedSeconds = 30;
const rowsMax = 1000;

/**
 * Gives every CAEP channel of the tenant a delivery for each security event that it has none of;
 * answers how many are new. There are two kinds:
 *
 * - a stop of level 2 and more whose drain is over: nothing is granted in its scope, and leases are
 *   dead. Stops that stand are looked at whatever their age, since a level may be raised late; lifted
 *   ones by when they were lifted. A tool and a credential have no sessions.
 * - a credential of which every part was proven dead, and of whose leases no verifier takes a JWT any more.
 *   Anything less is no news to act on.
 *
 * Found by what is missing, as alerts are: a crash loses none, an index sees to it that none is given
 * twice. No most of an hour: none of these may be dropped for another.
 * @throws AppError `forbidden`
 */
export async function routeEvents(ctx: Ctx): Promise<number> {
  requirePermission(ctx, 'deliveries.send');
  const tenant = uuidOf(ctx.tenantId);
  const from = sql`greatest(c.since, c.routed_until - make_interval(secs => ${overlapSeconds}))`;
  // no-audit: a delivery says only what follows from the stop or the revocation.
  return withTransaction(ctx, async (tx) => {
    const given = await tx.execute(sql`
      insert into deliveries (tenant_id, id, channel_id, stop_id, credential_id)
      select ${tenant}::uuid, gen_random_uuid(), c.id, found.stop_id, found.credential_id
      from channels c cross join lateral (
        select s.id as stop_id, null::uuid as credential_id, s.acknowledged_at as at
        from stops s
        where s.tenant_id = c.tenant_id and s.level >= 2 and s.acknowledged_at is not null
          and s.scope_kind in ('tenant', 'environment', 'agent', 'tree', 'session')
          and (s.state <> 'lifted' or s.lifted_at >= ${from})
          and not exists (select 1 from deliveries d where d.tenant_id = c.tenant_id
            and d.channel_id = c.id and d.stop_id = s.id)
        union all
        select null, r.credential_id, max(greatest(r.verified_at, r.offline_until))
        from revocations r
        where r.tenant_id = c.tenant_id and r.verified_at >= ${from} - make_interval(secs => ${limits.jwtLeaseSecondsMax})
          and greatest(r.verified_at, r.offline_until) >= ${from}
          and not exists (select 1 from revocations other where other.tenant_id = r.tenant_id
            and other.credential_id = r.credential_id
              and (other.state <> 'verified' or other.offline_until > clock_timestamp()))
          and not exists (select 1 from deliveries d where d.tenant_id = c.tenant_id
            and d.channel_id = c.id and d.credential_id = r.credential_id)
        group by r.credential_id
      ) found
      where c.tenant_id = ${tenant}::uuid and c.kind = 'caep' and c.removed_at is null
        and c.state = 'active'
      order by found.at limit ${rowsMax}
      on conflict do nothing returning id`);
    if (given.length < rowsMax) {
      await tx.execute(sql`
        update channels set routed_until = now() where tenant_id = ${tenant}::uuid
          and kind = 'caep' and removed_at is null and state = 'active'
          and routed_until < now() - make_interval(secs => ${movedSeconds})`);
    }
    return given.length;
  });
}
