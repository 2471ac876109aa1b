import { sql } from 'drizzle-orm';
import { severities } from '#db/enums.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

const overlapSeconds = limits.routingOverlapMs / 1000;
/** `routed_until` is moved no more often than this: a row written twice a second is a burden. */
const movedSeconds = 30;
const rowsMax = 1000;

/**
 * Gives every channel of the tenant a delivery for each alert that was opened since it was there and
 * is grave enough; answers how many are new. An alert is found by the time of its transaction, which
 * may commit later than a younger one: so the last look is overlapped by more than the longest
 * transaction, and an index sees to it that none is given twice, whoever looks at the same time.
 * @throws AppError `forbidden`
 */
export async function routeAlerts(ctx: Ctx): Promise<number> {
  requirePermission(ctx, 'deliveries.send');
  const tenant = uuidOf(ctx.tenantId);
  const rank = sql`array[${sql.join(
    severities.map((one) => sql`${one}`),
    sql`, `,
  )}]::text[]`;
  // no-audit: a delivery says only what follows from the alert and the channel.
  return withTransaction(ctx, async (tx) => {
    const given = await tx.execute(sql`
      insert into deliveries (tenant_id, id, channel_id, alert_id, state, last_answer)
      select ${tenant}::uuid, gen_random_uuid(), found.channel_id, found.alert_id,
        case when found.place > ${limits.deliveriesPerHourMax} then 'dead' else 'unconfirmed' end,
        case when found.place > ${limits.deliveriesPerHourMax} then ${tooMany} end
      from (
        select c.id as channel_id, a.id as alert_id,
          row_number() over (partition by c.id order by a.opened_at, a.id) + (
            select count(*) from deliveries d where d.tenant_id = c.tenant_id
              and d.channel_id = c.id and d.created_at > now() - interval '1 hour') as place
        from channels c join alerts a on a.tenant_id = c.tenant_id
          and a.opened_at >= greatest(
            c.since, c.routed_until - make_interval(secs => ${overlapSeconds}))
          and array_position(${rank}, a.severity) <= array_position(${rank}, c.severity_min)
        where c.tenant_id = ${tenant}::uuid and c.removed_at is null and c.state = 'active'
          and c.kind <> 'caep'
          and not exists (select 1 from deliveries d where d.tenant_id = c.tenant_id
            and d.channel_id = c.id and d.alert_id = a.id)
        order by a.opened_at limit ${rowsMax}
      ) found
      on conflict do nothing returning id`);
    if (given.length < rowsMax) {
      await tx.execute(sql`
        update channels set routed_until = now() where tenant_id = ${tenant}::uuid
          and kind <> 'caep' and removed_at is null and state = 'active'
          and routed_until < now() - make_interval(secs => ${movedSeconds})`);
    }
    return given.length;
  });
}

const tooMany = `more than ${limits.deliveriesPerHourMax} in an hour: look into the inbox`;
