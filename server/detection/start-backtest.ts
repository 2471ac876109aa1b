import type { z } from 'zod';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { backtests, rules } from '#db/schema/detection.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { startBacktestInputSchema } from '#server/detection/contract.ts';
import { compileAsRun } from '#server/detection/internal/read-running.ts';
import { readRuleText } from '#server/detection/internal/read-rule-text.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * Asks for a run of a rule's text over the events of the last days; a worker takes it up within
 * `limits.backtestPollMs`. Any text that compiles, saved or not. @throws AppError `forbidden`,
 * `not_found` for a rule that is not there; `unprocessable` for a text that does not compile or holds
 * filters alone;
 * `conflict` while too many wait
 */
export async function startBacktest(
  ctx: Ctx,
  { ruleId, source, days }: z.output<typeof startBacktestInputSchema>,
): Promise<{ id: string }> {
  requirePermission(ctx, 'rules.write');
  const { slug, kind } = readRuleText(source);
  if (kind === 'filter') {
    throw new AppError(
      'unprocessable',
      'A filter opens no alerts: backtest a rule that it shapes.',
    );
  }
  const id = newId('backtest');
  await withTransaction(ctx, async (tx) => {
    if (ruleId !== null) {
      const [rule] = isId('rule', ruleId)
        ? await tx
            .select({ id: rules.id })
            .from(rules)
            .where(and(eq(rules.tenantId, ctx.tenantId), eq(rules.id, ruleId)))
        : [];
      if (!rule) throw new AppError('not_found', 'There is no such rule in this tenant.');
    }
    const compiled = await compileAsRun(tx, ctx, { name: slug, source });
    const [problem] = compiled.ok ? [] : compiled.problems;
    if (problem !== undefined) throw new AppError('unprocessable', problem.message);
    const [waiting] = await tx
      .select({ count: sql<number>`count(*)::int` })
      .from(backtests)
      .where(
        and(eq(backtests.tenantId, ctx.tenantId), inArray(backtests.state, ['queued', 'running'])),
      );
    if ((waiting?.count ?? 0) >= limits.backtestsAtOnceMax) {
      throw new AppError(
        'conflict',
        `${limits.backtestsAtOnceMax} backtests wait already; cancel one, or wait for it.`,
      );
    }
    await tx.insert(backtests).values({
      tenantId: ctx.tenantId,
      id,
      ruleId,
      source,
      days,
      requestedByLabel: actorIdentity(ctx.actor).label,
    });
    await writeAudit(tx, ctx, {
      action: 'rule.backtested',
      subject: { type: 'rule', id: ruleId ?? slug },
      detail: { rule: slug, days, backtest: id },
    });
  });
  return { id };
}
