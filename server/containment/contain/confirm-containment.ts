import { and, eq, isNull, sql } from 'drizzle-orm';
import { containments } from '#db/schema/containment.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { carryOut } from './carry-out.ts';

/**
 * A person takes on to cut the credentials of a containment that somebody began who may not revoke.
 * @throws AppError `forbidden`, `not_found`, `conflict` when it was confirmed or released already
 */
export async function confirmContainment(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'credentials.revoke');
  if (!isId('containment', id)) throw noSuchContainment();
  await withTransaction(ctx, async (tx) => {
    const mine = and(eq(containments.tenantId, ctx.tenantId), eq(containments.id, id));
    const [confirmed] = await tx
      .update(containments)
      .set({
        confirmedBy: actorIdentity(ctx.actor).label,
        confirmedAt: sql`clock_timestamp()`,
        carriedOutAt: null,
      })
      .where(and(mine, isNull(containments.confirmedAt), isNull(containments.releasedAt)))
      .returning({ reason: containments.reason });
    if (!confirmed) {
      const found = await tx.select({ id: containments.id }).from(containments).where(mine);
      if (found.length === 0) throw noSuchContainment();
      throw new AppError('conflict', 'Somebody has confirmed or released it already.');
    }
    await writeAudit(tx, ctx, {
      action: 'containment.confirmed',
      subject: { type: 'containment', id },
      cause: confirmed.reason,
    });
  });
  await carryOut(ctx, id);
}

/** What a foreign, a deleted and a made-up id are answered. */
export const noSuchContainment = (): AppError =>
  new AppError('not_found', 'There is no such containment in this tenant.');
