import { and, eq } from 'drizzle-orm';
import { ruleResponses } from '#db/schema/containment.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { isId } from '#server/kernel/ids.ts';
import type { RuleResponse } from './contract.ts';
import { mayUndo } from './may-undo.ts';

/** What the rule of an alert did by itself; null where it does nothing. @throws AppError `forbidden` */
export async function readResponse(ctx: Ctx, alertId: string): Promise<RuleResponse | null> {
  requirePermission(ctx, 'alerts.read');
  if (!isId('alert', alertId)) return null;
  const [row] = await withRead(ctx, (tx) =>
    tx
      .select()
      .from(ruleResponses)
      .where(and(eq(ruleResponses.tenantId, ctx.tenantId), eq(ruleResponses.alertId, alertId))),
  );
  if (!row) return null;
  const { id, action, state, says, agentLabel, stopId, containmentId } = row;
  const { orderedAt, undoneBy, undoneAt } = row;
  return {
    id,
    action,
    state,
    says,
    agent: agentLabel,
    stopId,
    containmentId,
    mayUndo: mayUndo(row),
    orderedAt,
    undoneBy,
    undoneAt,
  };
}
