import { and, eq, inArray, sql } from 'drizzle-orm';
import { backtests } from '#db/schema/detection.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';

/**
 * Ends a backtest that waits or runs: its worker stops at the next read. @throws AppError
 * `forbidden`, `not_found`
 */
export async function cancelBacktest(ctx: Ctx, id: string): Promise<{ isChanged: boolean }> {
  requirePermission(ctx, 'rules.write');
  return withTransaction(ctx, async (tx) => {
    const ours = and(eq(backtests.tenantId, ctx.tenantId), eq(backtests.id, id));
    const [known] = isId('backtest', id)
      ? await tx.select({ id: backtests.id }).from(backtests).where(ours)
      : [];
    if (!known) throw new AppError('not_found', 'There is no such backtest in this tenant.');
    const ended = await tx
      .update(backtests)
      .set({ state: 'cancelled', finishedAt: sql`now()` })
      .where(and(ours, inArray(backtests.state, ['queued', 'running'])))
      .returning({ id: backtests.id });
    if (ended.length === 0) return { isChanged: false };
    await writeAudit(tx, ctx, {
      action: 'rule.backtest_cancelled',
      subject: { type: 'backtest', id },
    });
    return { isChanged: true };
  });
}
