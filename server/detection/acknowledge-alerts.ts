import { sql } from 'drizzle-orm';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { moveAlert } from '#server/detection/internal/move-alert.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';

/**
 * Somebody takes an open alert in hand; it goes on growing. @throws AppError `forbidden`,
 * `not_found`, `conflict` when it is not open any more
 */
export async function acknowledgeAlert(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'alerts.triage');
  await withTransaction(ctx, async (tx) => {
    await moveAlert(tx, ctx, id, 'acknowledged', {
      acknowledgedBy: actorIdentity(ctx.actor).label,
      acknowledgedAt: sql`now()`,
    });
    await writeAudit(tx, ctx, {
      action: 'alert.acknowledged',
      subject: { type: 'alert', id },
    });
  });
}
