import { sql } from 'drizzle-orm';
import { requirePermission } from '#server/auth/require-permission.ts';
import { instantFromDriver } from '#db/columns.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { DecisionCounts, DecisionCountsInput } from './contract.ts';

const minuteMs = 60_000;

/**
 * Actions by when they were decided, per step and decision; steps begin on the clock in UTC.
 * @throws AppError `forbidden`; `bad_request` for more than `limits.countStepsMax` steps
 */
export async function readDecisionCounts(
  ctx: Ctx,
  input: DecisionCountsInput,
): Promise<DecisionCounts> {
  requirePermission(ctx, 'actions.read');
  const spanMs = Date.parse(input.until) - Date.parse(input.from);
  if (spanMs / (input.stepMinutes * minuteMs) > limits.countStepsMax) {
    throw new AppError('bad_request', 'The range has too many steps; choose a longer step.');
  }
  const rows = await withRead(ctx, (tx) =>
    tx.execute<DecisionCounts['items'][number]>(sql`
      select
        date_bin(make_interval(mins => ${input.stepMinutes}), decided_at, '2000-01-01Z')::text as at,
        decision, count(*)::int as actions
      from actions
      where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and decided_at >= ${input.from}::timestamptz and decided_at < ${input.until}::timestamptz
      group by 1, 2
      order by 1, 2`),
  );
  return { items: rows.map((row) => ({ ...row, at: instantFromDriver(row.at) })) };
}
