import { and, asc, eq, inArray } from 'drizzle-orm';
import { actions, falseBlocks } from '#db/schema/actions.ts';
import { approvals } from '#db/schema/approvals.ts';
import { alerts } from '#db/schema/detection.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { AlertAction } from '#server/detection/contract.ts';
import { explanationSchema } from '#server/detection/raise-alert.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * The actions that an alert is about, oldest first, at most `limits.pageItemsMax`; none for an alert of
 * events. Never an argument. @throws AppError `forbidden`, `not_found`
 */
export async function readAlertActions(ctx: Ctx, id: string): Promise<AlertAction[]> {
  requirePermission(ctx, 'alerts.read');
  return withRead(ctx, async (tx) => {
    const [row] = isId('alert', id)
      ? await tx
          .select({ explanation: alerts.explanation })
          .from(alerts)
          .where(and(eq(alerts.tenantId, ctx.tenantId), eq(alerts.id, id)))
      : [];
    if (row === undefined)
      throw new AppError('not_found', 'There is no such alert in this tenant.');
    const { actionIds } = explanationSchema.parse(row.explanation);
    if (actionIds.length === 0) return [];
    const found = await tx
      .select({
        id: actions.id,
        agent: actions.agentSlug,
        tool: actions.tool,
        decision: actions.decision,
        decidedAt: actions.decidedAt,
        approvalId: approvals.id,
        traceId: actions.traceId,
        reason: falseBlocks.reason,
        reportedAt: falseBlocks.at,
      })
      .from(actions)
      .leftJoin(
        approvals,
        and(eq(approvals.tenantId, actions.tenantId), eq(approvals.actionId, actions.id)),
      )
      .leftJoin(
        falseBlocks,
        and(eq(falseBlocks.tenantId, actions.tenantId), eq(falseBlocks.actionId, actions.id)),
      )
      .where(and(eq(actions.tenantId, ctx.tenantId), inArray(actions.id, actionIds)))
      .orderBy(asc(actions.decidedAt), asc(actions.id))
      .limit(limits.pageItemsMax);
    return found.map(({ reason, reportedAt, ...action }) => ({
      ...action,
      falseBlock: reason === null || reportedAt === null ? null : { reason, at: reportedAt },
    }));
  });
}
