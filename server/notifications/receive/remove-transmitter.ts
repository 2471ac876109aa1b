import { and, eq, isNull, sql } from 'drizzle-orm';
import { transmitters } from '#db/schema/notifications.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';

/**
 * Removes a transmitter: what it pushes from then on is refused. Its events stay, and what they did.
 * @throws AppError `forbidden`, `not_found` also for one that was removed before
 */
export async function removeTransmitter(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'transmitters.write');
  if (!isId('transmitter', id)) throw noSuchTransmitter();
  await withTransaction(ctx, async (tx) => {
    const [removed] = await tx
      .update(transmitters)
      .set({ removedAt: sql`now()` })
      .where(
        and(
          eq(transmitters.tenantId, ctx.tenantId),
          eq(transmitters.id, id),
          isNull(transmitters.removedAt),
        ),
      )
      .returning({ name: transmitters.name, issuer: transmitters.issuer });
    if (removed === undefined) throw noSuchTransmitter();
    await writeAudit(tx, ctx, {
      action: 'transmitter.removed',
      subject: { type: 'transmitter', id },
      detail: removed,
    });
  });
}

const noSuchTransmitter = (): AppError =>
  new AppError('not_found', 'There is no such transmitter in this tenant.');
