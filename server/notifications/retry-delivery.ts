import { and, eq, sql } from 'drizzle-orm';
import { deliveries } from '#db/schema/notifications.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { findChannelIfThere } from './internal/find-channel.ts';

const noSuchDelivery = () => new AppError('not_found', 'There is no such delivery in this tenant.');

/**
 * Begins a delivery that was given up, or that waits for its next attempt, afresh: at once, under the
 * same id. @throws AppError `forbidden`, `not_found`; `conflict` when it is confirmed, or its channel
 *   is switched off or removed
 */
export async function retryDelivery(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'deliveries.retry');
  if (!isId('delivery', id)) throw noSuchDelivery();
  await withTransaction(ctx, async (tx) => {
    const own = and(eq(deliveries.tenantId, ctx.tenantId), eq(deliveries.id, id));
    const [row] = await tx.select().from(deliveries).where(own).for('update');
    if (row === undefined) throw noSuchDelivery();
    if (row.state === 'confirmed') {
      throw new AppError('conflict', 'This delivery was confirmed meanwhile.');
    }
    const channel = await findChannelIfThere(tx, ctx, row.channelId);
    if (channel?.state !== 'active') {
      throw new AppError('conflict', 'Its channel is switched off or removed; test it first.');
    }
    await tx
      .update(deliveries)
      .set({ state: 'unconfirmed', attempts: 0, nextAt: sql`now()` })
      .where(own);
    await writeAudit(tx, ctx, {
      action: 'delivery.retried',
      subject: { type: 'delivery', id },
      detail: { channel: channel.name, state: row.state, attempts: row.attempts },
    });
  });
}
