import { and, count, desc, eq, gte, sql } from 'drizzle-orm';
import { alerts, ruleProposals, rules, shadowMatches } from '#db/schema/detection.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { ShadowReport } from '#server/detection/contract.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * What the proposed text of a rule would have opened since it runs in the shadow, beside what the
 * version that runs has opened in the same time; null once no change of it waits. @throws AppError
 * `forbidden`, `not_found`
 */
export async function readShadow(ctx: Ctx, id: string): Promise<ShadowReport | null> {
  requirePermission(ctx, 'rules.read');
  return withRead(ctx, async (tx) => {
    const [found] = isId('rule', id)
      ? await tx
          .select({
            version: ruleProposals.version,
            since: ruleProposals.shadowSince,
            ruleState: rules.state,
          })
          .from(rules)
          .leftJoin(
            ruleProposals,
            and(eq(ruleProposals.tenantId, rules.tenantId), eq(ruleProposals.ruleId, rules.id)),
          )
          .where(and(eq(rules.tenantId, ctx.tenantId), eq(rules.id, id)))
      : [];
    if (!found) throw new AppError('not_found', 'There is no such rule in this tenant.');
    const { version, since, ruleState } = found;
    if (version === null) return null;
    const ours = and(
      eq(shadowMatches.tenantId, ctx.tenantId),
      eq(shadowMatches.ruleId, id),
      eq(shadowMatches.version, version),
    );
    const [kept] = await tx.select({ count: count() }).from(shadowMatches).where(ours);
    const samples = await tx
      .select({
        agent: shadowMatches.agentSlug,
        traceId: shadowMatches.traceId,
        eventId: shadowMatches.eventId,
        firstAt: shadowMatches.firstAt,
        lastAt: shadowMatches.lastAt,
        count: shadowMatches.count,
      })
      .from(shadowMatches)
      .where(ours)
      .orderBy(desc(shadowMatches.lastAt), shadowMatches.id)
      .limit(limits.shadowMatchesShown);
    const [opened] =
      since === null || ruleState !== 'enabled'
        ? []
        : await tx
            .select({ count: sql<number>`count(*)::int` })
            .from(alerts)
            .where(
              and(
                eq(alerts.tenantId, ctx.tenantId),
                eq(alerts.ruleId, id),
                gte(alerts.openedAt, since),
              ),
            );
    return {
      version,
      since,
      alerts: kept?.count ?? 0,
      isCut: (kept?.count ?? 0) >= limits.shadowMatchesMax,
      alertsOpened: opened?.count ?? null,
      samples,
    };
  });
}
