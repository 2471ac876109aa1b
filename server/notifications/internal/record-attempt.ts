import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { channels, deliveries } from '#db/schema/notifications.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import type { Next } from '../delivery-state.ts';
import type { Claimed } from './claim-delivery.ts';

/**
 * Writes down what an attempt came to, unless somebody has begun the delivery afresh or taken it over
 * meanwhile. What is given up is audited; a receiver that wants nothing more switches its channel off.
 * @throws AppError `forbidden`
 */
export async function recordAttempt(ctx: Ctx, claimed: Claimed, next: Next): Promise<void> {
  requirePermission(ctx, 'deliveries.send');
  await withTransaction(ctx, async (tx) => {
    const [recorded] = await tx
      .update(deliveries)
      .set({
        state: next.state,
        lastAnswer: next.answer,
        ...(next.state === 'confirmed' ? { confirmedAt: sql`clock_timestamp()` } : {}),
        ...(next.state === 'unconfirmed'
          ? { nextAt: sql`clock_timestamp() + make_interval(secs => ${next.waitMs / 1000})` }
          : {}),
      })
      .where(
        and(
          eq(deliveries.tenantId, ctx.tenantId),
          eq(deliveries.id, claimed.id),
          eq(deliveries.state, 'unconfirmed'),
          eq(deliveries.attempts, claimed.attempts),
        ),
      )
      .returning({ id: deliveries.id });
    if (recorded === undefined || next.state !== 'dead') return;
    await writeAudit(tx, ctx, {
      action: 'delivery.dead',
      subject: { type: 'delivery', id: claimed.id },
      cause: claimed.alert?.id ?? causeOf(claimed.event) ?? 'none',
      detail: { channel: claimed.channel.id, answer: next.answer, attempts: claimed.attempts },
    });
    if (next.isForGood) await switchOff(tx, ctx, claimed.channel.id, next.answer);
  });
}

function causeOf(event: Claimed['event']): string | null {
  if (event === null) return null;
  return event.type === 'session_revoked' ? event.stopId : event.credentialId;
}

async function switchOff(tx: Tx, ctx: Ctx, id: string, answer: string): Promise<void> {
  await tx
    .update(channels)
    .set({ state: 'disabled' })
    .where(and(eq(channels.tenantId, ctx.tenantId), eq(channels.id, id)));
  await tx
    .update(deliveries)
    .set({ state: 'dead', lastAnswer: `the channel was switched off: it ${answer}` })
    .where(
      and(
        eq(deliveries.tenantId, ctx.tenantId),
        eq(deliveries.channelId, id),
        eq(deliveries.state, 'unconfirmed'),
      ),
    );
  await writeAudit(tx, ctx, {
    action: 'channel.disabled',
    subject: { type: 'channel', id },
    detail: { answer },
  });
}
