import { and, eq, sql } from 'drizzle-orm';
import { channels, deliveries } from '#db/schema/notifications.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';
import { findChannel } from './internal/find-channel.ts';

/**
 * Sends a message that says it is a test; its delivery tells how it went. A channel that its receiver
 * switched off is switched on again by it: whoever asks has talked to the receiver.
 * @throws AppError `forbidden`, `not_found`
 */
export async function testChannel(ctx: Ctx, channelId: string): Promise<{ id: string }> {
  requirePermission(ctx, 'channels.write');
  const id = newId('delivery');
  await withTransaction(ctx, async (tx) => {
    const channel = await findChannel(tx, ctx, channelId);
    await tx
      .update(channels)
      .set({
        state: 'active',
        // What was opened while it was off is not sent late: it lies in the inbox.
        since: sql`case when state = 'disabled' then now() else since end`,
      })
      .where(and(eq(channels.tenantId, ctx.tenantId), eq(channels.id, channelId)));
    await tx.insert(deliveries).values({ tenantId: ctx.tenantId, id, channelId });
    await writeAudit(tx, ctx, {
      action: 'channel.tested',
      subject: { type: 'channel', id: channelId },
      detail: { name: channel.name, delivery: id, wasDisabled: channel.state === 'disabled' },
    });
  });
  return { id };
}
