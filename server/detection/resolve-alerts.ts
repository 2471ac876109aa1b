import type { z } from 'zod';
import { sql } from 'drizzle-orm';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { resolveAlertsInputSchema, StepsTaken } from '#server/detection/contract.ts';
import { refuseMove, takeSteps } from '#server/detection/internal/take-steps.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';

/**
 * Closes alerts with a verdict, which feeds the precision of their rules; a later match opens a new
 * one. @throws AppError `forbidden`, `not_found`
 */
export async function resolveAlerts(
  ctx: Ctx,
  { ids, verdict, note }: z.output<typeof resolveAlertsInputSchema>,
): Promise<StepsTaken> {
  requirePermission(ctx, 'alerts.triage');
  return withTransaction(ctx, async (tx) => {
    const taken = await takeSteps(tx, ctx, ids, {
      kind: 'resolved',
      detail: { verdict, ...(note === '' ? {} : { note }) },
      columns: {
        state: 'resolved',
        resolvedBy: actorIdentity(ctx.actor).label,
        resolvedAt: sql`now()`,
        verdict,
        note: note === '' ? null : note,
        snoozedUntil: null,
        escalatesAt: null,
      },
      refuse: refuseMove('resolved'),
    });
    for (const id of taken.done) {
      await writeAudit(tx, ctx, {
        action: 'alert.resolved',
        subject: { type: 'alert', id },
        decision: verdict,
        detail: { hasNote: note !== '' },
      });
    }
    return taken;
  });
}
