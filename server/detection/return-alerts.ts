import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { StepsTaken } from '#server/detection/contract.ts';
import { takeSteps } from '#server/detection/internal/take-steps.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';

/** Brings alerts back that were snoozed or archived. @throws AppError `forbidden`, `not_found` */
export async function returnAlerts(ctx: Ctx, ids: readonly string[]): Promise<StepsTaken> {
  requirePermission(ctx, 'alerts.triage');
  return withTransaction(ctx, async (tx) => {
    const taken = await takeSteps(tx, ctx, ids, {
      kind: 'returned',
      detail: {},
      columns: { snoozedUntil: null, escalatesAt: null },
      refuse: ({ snoozedUntil, escalatesAt }) =>
        snoozedUntil === null && escalatesAt === null ? 'This alert was not set aside.' : null,
    });
    for (const id of taken.done) {
      await writeAudit(tx, ctx, { action: 'alert.returned', subject: { type: 'alert', id } });
    }
    return taken;
  });
}
