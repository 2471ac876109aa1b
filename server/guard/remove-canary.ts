import { and, eq, isNull, sql } from 'drizzle-orm';
import { canaries } from '#db/schema/guard.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';

const noSuchCanary = (): AppError =>
  new AppError('not_found', 'There is no such canary in this tenant.');

/**
 * Stops looking for a canary. Its row stays, so that findings of the past still have a name.
 *
 * @throws AppError `forbidden`, `not_found` also for one that was removed before.
 */
export async function removeCanary(ctx: Ctx, canaryId: string): Promise<void> {
  requirePermission(ctx, 'canaries.write');
  if (!isId('canary', canaryId)) throw noSuchCanary();
  await withTransaction(ctx, async (tx) => {
    const [removed] = await tx
      .update(canaries)
      .set({ removedAt: sql`now()` })
      .where(
        and(
          eq(canaries.tenantId, ctx.tenantId),
          eq(canaries.id, canaryId),
          isNull(canaries.removedAt),
        ),
      )
      .returning({ name: canaries.name });
    if (!removed) throw noSuchCanary();
    await writeAudit(tx, ctx, {
      action: 'canary.removed',
      subject: { type: 'canary', id: canaryId },
      detail: removed,
    });
  });
}
