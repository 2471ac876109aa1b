import { and, eq, isNull, sql } from 'drizzle-orm';
import { channels, deliveries } from '#db/schema/notifications.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { isId } from '#server/kernel/ids.ts';
import { noSuchChannel } from './internal/find-channel.ts';

/**
 * Removes a channel. What was still to be sent to it is given up, and says so; its deliveries stay.
 * @throws AppError `forbidden`, `not_found` also for one that was removed before
 */
export async function removeChannel(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'channels.write');
  if (!isId('channel', id)) throw noSuchChannel();
  await withTransaction(ctx, async (tx) => {
    const [removed] = await tx
      .update(channels)
      .set({ removedAt: sql`now()` })
      .where(
        and(eq(channels.tenantId, ctx.tenantId), eq(channels.id, id), isNull(channels.removedAt)),
      )
      .returning({ name: channels.name });
    if (removed === undefined) throw noSuchChannel();
    await tx
      .update(deliveries)
      .set({ state: 'dead', lastAnswer: 'the channel was removed' })
      .where(
        and(
          eq(deliveries.tenantId, ctx.tenantId),
          eq(deliveries.channelId, id),
          eq(deliveries.state, 'unconfirmed'),
        ),
      );
    await writeAudit(tx, ctx, {
      action: 'channel.removed',
      subject: { type: 'channel', id },
      detail: removed,
    });
  });
}
