import { sql } from 'drizzle-orm';
import { alerts } from '#db/schema/detection.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { StepsTaken } from '#server/detection/contract.ts';
import { refuseResolved, takeSteps } from '#server/detection/internal/take-steps.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * Sets alerts aside until they escalate: until each has twice the events that it has now, and at
 * least `limits.alertEscalationEventsMin` more. The number is fixed at this moment and shown, so
 * that everybody can tell what would bring an alert back. @throws AppError `forbidden`, `not_found`
 */
export async function archiveAlerts(ctx: Ctx, ids: readonly string[]): Promise<StepsTaken> {
  requirePermission(ctx, 'alerts.triage');
  return withTransaction(ctx, async (tx) => {
    const taken = await takeSteps(tx, ctx, ids, {
      kind: 'archived',
      detail: {},
      columns: {
        escalatesAt: sql`${alerts.count} + greatest(${alerts.count}, ${limits.alertEscalationEventsMin})`,
        snoozedUntil: null,
      },
      refuse: refuseResolved,
    });
    for (const id of taken.done) {
      await writeAudit(tx, ctx, { action: 'alert.archived', subject: { type: 'alert', id } });
    }
    return taken;
  });
}
