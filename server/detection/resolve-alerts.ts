import type { z } from 'zod';
import { sql } from 'drizzle-orm';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { resolveAlertInputSchema } from '#server/detection/contract.ts';
import { moveAlert } from '#server/detection/internal/move-alert.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';

/**
 * Closes an alert with a verdict, which feeds the rule's precision; a later match opens a new one.
 * @throws AppError `forbidden`, `not_found`, `conflict` when it is resolved already
 */
export async function resolveAlert(
  ctx: Ctx,
  { id, verdict, note }: z.output<typeof resolveAlertInputSchema>,
): Promise<void> {
  requirePermission(ctx, 'alerts.triage');
  await withTransaction(ctx, async (tx) => {
    await moveAlert(tx, ctx, id, 'resolved', {
      resolvedBy: actorIdentity(ctx.actor).label,
      resolvedAt: sql`now()`,
      verdict,
      note: note === '' ? null : note,
    });
    await writeAudit(tx, ctx, {
      action: 'alert.resolved',
      subject: { type: 'alert', id },
      decision: verdict,
      detail: { hasNote: note !== '' },
    });
  });
}
