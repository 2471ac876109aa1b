import type { z } from 'zod';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { snoozeAlertsInputSchema, StepsTaken } from '#server/detection/contract.ts';
import { refuseResolved, takeSteps } from '#server/detection/internal/take-steps.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';

const dayMs = 24 * 60 * 60_000;

/**
 * Sets alerts aside until an instant. That they come back follows from the clock: nothing has to run
 * for it, so nothing can fail to. @throws AppError `forbidden`, `not_found`, `bad_request` for an
 * instant that is past or further off than `limits.alertSnoozeDaysMax`
 */
export async function snoozeAlerts(
  ctx: Ctx,
  { ids, until }: z.output<typeof snoozeAlertsInputSchema>,
  nowMs = Date.now(),
): Promise<StepsTaken> {
  requirePermission(ctx, 'alerts.triage');
  const leftMs = Date.parse(until) - nowMs;
  if (leftMs <= 0 || leftMs > limits.alertSnoozeDaysMax * dayMs) {
    throw new AppError(
      'bad_request',
      `Choose a time ahead, at most ${limits.alertSnoozeDaysMax} days from now.`,
    );
  }
  return withTransaction(ctx, async (tx) => {
    const taken = await takeSteps(tx, ctx, ids, {
      kind: 'snoozed',
      detail: { until },
      columns: { snoozedUntil: until, escalatesAt: null },
      refuse: refuseResolved,
    });
    for (const id of taken.done) {
      await writeAudit(tx, ctx, {
        action: 'alert.snoozed',
        subject: { type: 'alert', id },
        detail: { until },
      });
    }
    return taken;
  });
}
