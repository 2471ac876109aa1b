import { sql } from 'drizzle-orm';
import { requirePermission } from '#server/auth/require-permission.ts';
import { instantFromDriver } from '#db/columns.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { DecisionCountsInput, PermitCounts } from './contract.ts';

const minuteMs = 60_000;

/**
 * What became of permits, each at its own instant: issued, redeemed, or over without having been used,
 * whether its time or a stop ended it. By the database's clock; steps begin on the clock in UTC. Only
 * permits of the range are read: one that began earlier than it may live ended before the range.
 * @throws AppError `forbidden`; `bad_request` for more than `limits.countStepsMax` steps
 */
export async function readPermitCounts(
  ctx: Ctx,
  input: DecisionCountsInput,
): Promise<PermitCounts> {
  requirePermission(ctx, 'actions.read');
  const spanMs = Date.parse(input.until) - Date.parse(input.from);
  if (spanMs / (input.stepMinutes * minuteMs) > limits.countStepsMax) {
    throw new AppError('bad_request', 'The range has too many steps; choose a longer step.');
  }
  const rows = await withRead(ctx, (tx) =>
    tx.execute<PermitCounts['items'][number]>(sql`
      select date_bin(make_interval(mins => ${input.stepMinutes}), m.at, '2000-01-01Z')::text as at,
        m.what, count(*)::int as permits
      from permits p cross join lateral (values
        ('issued', p.issued_at),
        ('redeemed', p.redeemed_at),
        ('unused', case when p.redeemed_at is null and p.expires_at <= clock_timestamp()
          then p.expires_at end)) m (what, at)
      where p.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and p.issued_at < ${input.until}::timestamptz
        and p.issued_at >= ${input.from}::timestamptz
          - make_interval(secs => ${limits.permitSeconds}::int)
        and m.at >= ${input.from}::timestamptz and m.at < ${input.until}::timestamptz
      group by 1, 2
      order by 1, 2`),
  );
  return { items: rows.map((row) => ({ ...row, at: instantFromDriver(row.at) })) };
}
