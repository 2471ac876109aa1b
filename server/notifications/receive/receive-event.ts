import { and, eq } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { receivedEvents } from '#db/schema/notifications.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { applyEvent, type Effect } from './apply-event.ts';
import type { KnownTransmitter } from './find-transmitter.ts';
import { type AskedEvent, oneLine } from './read-event.ts';
import type { SecurityEventToken } from './read-set.ts';
import { readSubject } from './read-subject.ts';

/** A token that was verified, by whom, and what it asks for. */
export interface ReceivedPush {
  readonly transmitter: Pick<KnownTransmitter, 'id' | 'name'>;
  readonly token: SecurityEventToken;
  readonly event: AskedEvent;
  /** Our own issuer. */
  readonly issuer: string;
}

/** Somebody else stored it while this one was at work: everything that was done here is taken back. */
class Repeated extends Error {}

/**
 * Does what a verified event tells and keeps what came of it, all in one transaction: once it is
 * acknowledged, it is done and on record; before, nothing is. A `jti` that was had does nothing again.
 * @returns false for a repeat
 * @throws AppError `forbidden`
 */
export async function receiveEvent(ctx: Ctx, push: ReceivedPush, nowMs: number): Promise<boolean> {
  requirePermission(ctx, 'security_events.apply');
  try {
    return await withTransaction(ctx, async (tx) => {
      if (await isKnown(tx, ctx, push)) return false;
      await store(tx, ctx, push, await effectOf(tx, ctx, push, nowMs));
      return true;
    });
  } catch (error) {
    if (error instanceof Repeated) return false;
    throw error;
  }
}

async function isKnown(tx: Tx, ctx: Ctx, { transmitter, token }: ReceivedPush): Promise<boolean> {
  const found = await tx
    .select({ id: receivedEvents.id })
    .from(receivedEvents)
    .where(
      and(
        eq(receivedEvents.tenantId, ctx.tenantId),
        eq(receivedEvents.transmitterId, transmitter.id),
        eq(receivedEvents.jti, token.jti),
      ),
    );
  return found.length > 0;
}

function effectOf(tx: Tx, ctx: Ctx, push: ReceivedPush, nowMs: number): Promise<Effect> {
  const { token, event, transmitter, issuer } = push;
  // Old tokens may be pushed by whoever has kept them, to a transmitter that was registered anew.
  if (nowMs - token.issuedAtMs > limits.securityEventAgeMsMax) {
    const says = 'It was signed more than a week ago, so nothing was done.';
    return Promise.resolve({ outcome: 'nothing', says, target: null, targetId: null });
  }
  const subject = readSubject(token.subject, { issuer, tenantId: ctx.tenantId });
  const cause = oneLine(
    `Told by ${transmitter.name}: ${event.reason ?? 'it gave no reason'}`,
    limits.stopReasonCharsMax,
  );
  return applyEvent(tx, ctx, { event, subject, cause });
}

async function store(tx: Tx, ctx: Ctx, push: ReceivedPush, effect: Effect): Promise<void> {
  const { transmitter, token, event } = push;
  const id = newId('receivedEvent');
  const subject = oneLine(JSON.stringify(token.subject), limits.securityEventSubjectCharsMax);
  const { jti, type } = token;
  const stored = await tx
    .insert(receivedEvents)
    .values({
      tenantId: ctx.tenantId,
      id,
      transmitterId: transmitter.id,
      jti,
      issuedAt: new Date(token.issuedAtMs).toISOString(),
      type,
      subject,
      reason: event.reason,
      ...effect,
    })
    .onConflictDoNothing({
      target: [receivedEvents.tenantId, receivedEvents.transmitterId, receivedEvents.jti],
    })
    .returning({ id: receivedEvents.id });
  if (stored.length === 0) throw new Repeated();
  await writeAudit(tx, ctx, {
    action: 'security_event.received',
    subject: { type: 'transmitter', id: transmitter.id },
    cause: event.reason ?? 'none',
    detail: { id, jti, type, subject, ...effect },
  });
}
