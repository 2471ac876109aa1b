import { sql } from 'drizzle-orm';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { StepsTaken } from '#server/detection/contract.ts';
import { refuseMove, takeSteps } from '#server/detection/internal/take-steps.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';

/** Somebody takes open alerts in hand; they go on growing. @throws AppError `forbidden`, `not_found` */
export async function acknowledgeAlerts(ctx: Ctx, ids: readonly string[]): Promise<StepsTaken> {
  requirePermission(ctx, 'alerts.triage');
  return withTransaction(ctx, async (tx) => {
    const taken = await takeSteps(tx, ctx, ids, {
      kind: 'acknowledged',
      detail: {},
      columns: {
        state: 'acknowledged',
        acknowledgedBy: actorIdentity(ctx.actor).label,
        acknowledgedAt: sql`now()`,
      },
      refuse: refuseMove('acknowledged'),
    });
    for (const id of taken.done) {
      await writeAudit(tx, ctx, { action: 'alert.acknowledged', subject: { type: 'alert', id } });
    }
    return taken;
  });
}
