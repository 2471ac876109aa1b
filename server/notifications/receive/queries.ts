import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { revocations } from '#db/schema/credentials.ts';
import { receivedEvents, transmitters } from '#db/schema/notifications.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import { pushAddress } from './accept-push.ts';
import type { ReceivedEvent, Transmitters } from './contract.ts';

/**
 * The transmitters of the tenant, by name, with where each pushes to.
 * @param url the public address
 * @throws AppError `forbidden`
 */
export async function listTransmitters(ctx: Ctx, url: string): Promise<Transmitters> {
  requirePermission(ctx, 'transmitters.read');
  const rows = await withRead(ctx, (tx) => {
    const latest = tx
      .select({
        transmitterId: receivedEvents.transmitterId,
        at: sql<string | null>`max(received_at)`.mapWith(receivedEvents.receivedAt).as('latest'),
      })
      .from(receivedEvents)
      .where(eq(receivedEvents.tenantId, ctx.tenantId))
      .groupBy(receivedEvents.transmitterId)
      .as('latest_events');
    return tx
      .select({
        id: transmitters.id,
        name: transmitters.name,
        issuer: transmitters.issuer,
        keys: sql<number | null>`jsonb_array_length(${transmitters.keys})`,
        keysUrl: transmitters.keysUrl,
        createdBy: transmitters.createdBy,
        createdAt: transmitters.createdAt,
        lastAt: latest.at,
      })
      .from(transmitters)
      .leftJoin(latest, eq(latest.transmitterId, transmitters.id))
      .where(and(eq(transmitters.tenantId, ctx.tenantId), isNull(transmitters.removedAt)))
      .orderBy(transmitters.name, transmitters.id)
      .limit(limits.transmittersMax);
  });
  return {
    audience: new URL(url).origin,
    items: rows.map((row) => ({ ...row, address: pushAddress(url, row.id) })),
  };
}

/** The latest security events of all transmitters, removed ones too. @throws AppError `forbidden` */
export async function listReceivedEvents(ctx: Ctx): Promise<ReceivedEvent[]> {
  requirePermission(ctx, 'transmitters.read');
  return withRead(ctx, async (tx) => {
    const rows = await tx
      .select({
        id: receivedEvents.id,
        transmitter: transmitters.name,
        type: receivedEvents.type,
        subject: receivedEvents.subject,
        reason: receivedEvents.reason,
        outcome: receivedEvents.outcome,
        says: receivedEvents.says,
        target: receivedEvents.target,
        targetId: receivedEvents.targetId,
        issuedAt: receivedEvents.issuedAt,
        receivedAt: receivedEvents.receivedAt,
      })
      .from(receivedEvents)
      .innerJoin(
        transmitters,
        and(
          eq(transmitters.tenantId, receivedEvents.tenantId),
          eq(transmitters.id, receivedEvents.transmitterId),
        ),
      )
      .where(eq(receivedEvents.tenantId, ctx.tenantId))
      .orderBy(desc(receivedEvents.receivedAt), desc(receivedEvents.id))
      .limit(limits.receivedEventsShown);
    const requested = rows.filter((row) => row.outcome === 'requested');
    const proven = await readProven(
      tx,
      ctx,
      requested.flatMap(({ targetId }) => (targetId === null ? [] : [targetId])),
    );
    return rows.map((row) =>
      row.outcome === 'requested' && proven.has(row.targetId ?? '')
        ? { ...row, outcome: 'confirmed', says: `${row.says} By now every part of it is.` }
        : row,
    );
  });
}

/**
 * Which of these credentials a probe has refused in every part. Asked when the event is shown: what was
 * proven since belongs to the credential, and no second place keeps it.
 */
async function readProven(tx: Tx, ctx: Ctx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx
    .select({ id: revocations.credentialId })
    .from(revocations)
    .where(and(eq(revocations.tenantId, ctx.tenantId), inArray(revocations.credentialId, [...ids])))
    .groupBy(revocations.credentialId)
    .having(sql`bool_and(${revocations.state} = 'verified')`);
  return new Set(rows.map(({ id }) => id));
}
