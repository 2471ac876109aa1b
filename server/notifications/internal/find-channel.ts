import { and, eq, isNull } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { channels } from '#db/schema/notifications.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';

export const noSuchChannel = () =>
  new AppError('not_found', 'There is no such channel in this tenant.');

/** Name and state of a channel that was not removed; null when there is none. */
export async function findChannelIfThere(tx: Tx, ctx: Ctx, id: string) {
  if (!isId('channel', id)) return null;
  const [channel] = await tx
    .select({ name: channels.name, state: channels.state })
    .from(channels)
    .where(
      and(eq(channels.tenantId, ctx.tenantId), eq(channels.id, id), isNull(channels.removedAt)),
    );
  return channel ?? null;
}

/** {@link findChannelIfThere}. @throws AppError `not_found` */
export async function findChannel(tx: Tx, ctx: Ctx, id: string) {
  const channel = await findChannelIfThere(tx, ctx, id);
  if (channel === null) throw noSuchChannel();
  return channel;
}
