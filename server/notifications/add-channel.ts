import { and, count, eq, isNull } from 'drizzle-orm';
import { channels } from '#db/schema/notifications.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { sealTarget, webhookSecret } from './channel-secrets.ts';
import type { ChannelTools } from './channel-tools.ts';
import type { ChannelInput } from './contract.ts';

/**
 * Adds a channel: alerts that are opened from then on are sent to it, or security events. Answers the secret of a
 * webhook, which is not shown again.
 * @throws AppError `forbidden`; `unprocessable` for plain http to a receiver that the machine's
 *   administrator did not name, for e-mail without a mail server, and beyond `limits.channelsMax`
 */
export async function addChannel(
  ctx: Ctx,
  tools: ChannelTools,
  input: ChannelInput,
): Promise<{ id: string; secret: string | null }> {
  requirePermission(ctx, 'channels.write');
  const refusal = refuseTarget(input, tools);
  if (refusal !== null) throw new AppError('unprocessable', refusal);
  const id = newId('channel');
  const of = { tenantId: ctx.tenantId, channelId: id };
  const { kind, name } = input;
  const severityMin = input.kind === 'caep' ? null : input.severityMin;
  const targetShown = kind === 'email' ? input.target : new URL(input.target).origin;
  await withTransaction(ctx, async (tx) => {
    const [total] = await tx
      .select({ channels: count() })
      .from(channels)
      .where(and(eq(channels.tenantId, ctx.tenantId), isNull(channels.removedAt)));
    if ((total?.channels ?? 0) >= limits.channelsMax) {
      throw new AppError('unprocessable', `A tenant has ${limits.channelsMax} channels at most.`);
    }
    const createdBy = actorIdentity(ctx.actor).label;
    const sealedTarget = sealTarget(input.target, tools.derivationKey, of);
    await tx
      .insert(channels)
      .values({ ...of, id, name, kind, sealedTarget, targetShown, severityMin, createdBy });
    await writeAudit(tx, ctx, {
      action: 'channel.added',
      subject: { type: 'channel', id },
      detail: { name, kind, target: targetShown, severityMin },
    });
  });
  return { id, secret: kind === 'webhook' ? webhookSecret(tools.derivationKey, of) : null };
}

/** Why nothing could be sent there; null where it can. Pure. */
function refuseTarget(input: ChannelInput, tools: ChannelTools): string | null {
  if (input.kind === 'email') {
    return tools.mailServer === null
      ? 'This Signalbox has no mail server: its administrator sets SIGNALBOX_SMTP_URL and SIGNALBOX_MAIL_FROM.'
      : null;
  }
  const url = new URL(input.target);
  const isNamed = tools.privateReceivers.has(url.host);
  return url.protocol === 'https:' || isNamed
    ? null
    : 'This is sent by https only; what it tells would be readable on its way.';
}
