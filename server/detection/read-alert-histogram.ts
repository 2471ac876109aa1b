import { sql } from 'drizzle-orm';
import { instantFromDriver } from '#db/columns.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { AlertHistogram, AlertHistogramInput } from './contract.ts';

const minuteMs = 60_000;

/**
 * Alerts by when they were raised, per step and severity; steps begin on the clock in UTC.
 * @throws AppError `forbidden`; `bad_request` for more than `limits.countStepsMax` steps
 */
export async function readAlertHistogram(
  ctx: Ctx,
  input: AlertHistogramInput,
): Promise<AlertHistogram['items']> {
  requirePermission(ctx, 'alerts.read');
  const spanMs = Date.parse(input.until) - Date.parse(input.from);
  if (spanMs / (input.stepMinutes * minuteMs) > limits.countStepsMax) {
    throw new AppError('bad_request', 'The range has too many steps; choose a longer step.');
  }
  const rows = await withRead(ctx, (tx) =>
    tx.execute<AlertHistogram['items'][number]>(sql`
      select
        date_bin(make_interval(mins => ${input.stepMinutes}), opened_at, '2000-01-01Z')::text as at,
        severity, count(*)::int as alerts
      from alerts
      where tenant_id = ${uuidOf(ctx.tenantId)}
        and opened_at >= ${input.from}::timestamptz and opened_at < ${input.until}::timestamptz
      group by 1, 2
      order by 1, 2`),
  );
  return rows.map((row) => ({ ...row, at: instantFromDriver(row.at) }));
}
