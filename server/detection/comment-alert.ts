import type { z } from 'zod';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { commentAlertInputSchema } from '#server/detection/contract.ts';
import { takeSteps } from '#server/detection/internal/take-steps.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';

/** Adds somebody's words to an alert's history, resolved or not. @throws AppError `forbidden`, `not_found` */
export async function commentAlert(
  ctx: Ctx,
  { id, text }: z.output<typeof commentAlertInputSchema>,
): Promise<void> {
  requirePermission(ctx, 'alerts.triage');
  await withTransaction(ctx, async (tx) => {
    await takeSteps(tx, ctx, [id], {
      kind: 'commented',
      detail: { note: text },
      columns: {},
      refuse: () => null,
    });
    await writeAudit(tx, ctx, { action: 'alert.commented', subject: { type: 'alert', id } });
  });
}
