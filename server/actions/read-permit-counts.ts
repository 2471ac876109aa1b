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
 * Permits by when they were issued, per step and what became of each: redeemed, over without having been
 * used, whether its time or a stop ended it, or neither yet. Each is counted once, so that the parts of
 * a step add up to what was issued in it. By the database's clock; steps begin on the clock in UTC.
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
      select
        date_bin(make_interval(mins => ${input.stepMinutes}), issued_at, '2000-01-01Z')::text as at,
        case when redeemed_at is not null then 'redeemed'
          when expires_at <= clock_timestamp() then 'unused' else 'open' end as what,
        count(*)::int as permits
      from permits
      where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and issued_at >= ${input.from}::timestamptz and issued_at < ${input.until}::timestamptz
      group by 1, 2
      order by 1, 2`),
  );
  return { items: rows.map((row) => ({ ...row, at: instantFromDriver(row.at) })) };
}
