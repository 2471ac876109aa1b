import { and, desc, eq, isNull, or, sql } from 'drizzle-orm';
import { backtests, ruleProposals, rules } from '#db/schema/detection.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Backtest, backtestResultSchema } from '#server/detection/contract.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

type Row = typeof backtests.$inferSelect;

function presentBacktest(row: Row): Backtest {
  const { startedAt, finishedAt } = row;
  return {
    id: row.id,
    ruleId: row.ruleId,
    state: row.state,
    days: row.days,
    requestedBy: row.requestedByLabel,
    createdAt: row.createdAt,
    eventsTotal: row.eventsTotal,
    eventsRead: row.eventsRead,
    tookMs:
      startedAt === null || finishedAt === null
        ? null
        : Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)),
    result: row.result === null ? null : backtestResultSchema.parse(row.result),
    failure: row.failure,
    source: row.source,
  };
}

/** Run before the rule was there, over the text that it then got. */
function isOfItsText(ctx: Ctx, ruleId: string) {
  const texts = sql`
    select ${rules.source} from ${rules}
    where ${and(eq(rules.tenantId, ctx.tenantId), eq(rules.id, ruleId))}
    union all select ${ruleProposals.source} from ${ruleProposals}
    where ${and(eq(ruleProposals.tenantId, ctx.tenantId), eq(ruleProposals.ruleId, ruleId))}`;
  return and(isNull(backtests.ruleId), sql`${backtests.source} in (${texts})`);
}

/** The latest backtests of a rule and of its text, or of texts that belong to none. @throws AppError `forbidden` */
export async function listBacktests(ctx: Ctx, ruleId: string | null): Promise<Backtest[]> {
  requirePermission(ctx, 'rules.read');
  if (ruleId !== null && !isId('rule', ruleId)) return [];
  const rows = await withRead(ctx, (tx) =>
    tx
      .select()
      .from(backtests)
      .where(
        and(
          eq(backtests.tenantId, ctx.tenantId),
          ruleId === null
            ? isNull(backtests.ruleId)
            : or(eq(backtests.ruleId, ruleId), isOfItsText(ctx, ruleId)),
        ),
      )
      .orderBy(desc(backtests.createdAt))
      .limit(limits.backtestsShown),
  );
  return rows.map(presentBacktest);
}

/** One backtest, while it runs too. @throws AppError `forbidden`, `not_found` */
export async function readBacktest(ctx: Ctx, id: string): Promise<Backtest> {
  requirePermission(ctx, 'rules.read');
  const [row] = await withRead(ctx, async (tx) =>
    isId('backtest', id)
      ? tx
          .select()
          .from(backtests)
          .where(and(eq(backtests.tenantId, ctx.tenantId), eq(backtests.id, id)))
      : [],
  );
  if (!row) throw new AppError('not_found', 'There is no such backtest in this tenant.');
  return presentBacktest(row);
}
