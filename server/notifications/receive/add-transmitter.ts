import { and, count, eq, isNull } from 'drizzle-orm';
import { transmitters } from '#db/schema/notifications.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { addressRefusal } from '#server/credentials/provider-request.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { TransmitterInput } from './contract.ts';
import { type PublicKey, readKeys } from './read-keys.ts';

/**
 * Registers a system whose security events are believed from then on: it may end sessions and have
 * credentials revoked, so only an administrator may. Nothing is fetched yet.
 * @param innerHosts `host[:port]` that may be private, or plain http
 * @throws AppError `forbidden`; `unprocessable` for keys that nothing can be verified with, for an address
 *   that may not be asked, and beyond `limits.transmittersMax`
 */
export async function addTransmitter(
  ctx: Ctx,
  innerHosts: ReadonlySet<string>,
  input: TransmitterInput,
): Promise<{ id: string }> {
  requirePermission(ctx, 'transmitters.write');
  const { name, issuer } = input;
  const [keys, keysUrl] =
    input.from === 'pasted'
      ? [keysOf(input.keys), null]
      : [null, allowedUrl(input.keysUrl, innerHosts)];
  const id = newId('transmitter');
  await withTransaction(ctx, async (tx) => {
    const [total] = await tx
      .select({ there: count() })
      .from(transmitters)
      .where(and(eq(transmitters.tenantId, ctx.tenantId), isNull(transmitters.removedAt)));
    if ((total?.there ?? 0) >= limits.transmittersMax) {
      const said = `A tenant has ${limits.transmittersMax} transmitters at most.`;
      throw new AppError('unprocessable', said);
    }
    const createdBy = actorIdentity(ctx.actor).label;
    await tx
      .insert(transmitters)
      .values({ tenantId: ctx.tenantId, id, name, issuer, keys, keysUrl, createdBy });
    await writeAudit(tx, ctx, {
      action: 'transmitter.added',
      subject: { type: 'transmitter', id },
      detail: { name, issuer, keys, keysUrl },
    });
  });
  return { id };
}

function keysOf(text: string): readonly PublicKey[] {
  const { keys, refusal } = readKeys(text);
  if (keys === null) throw new AppError('unprocessable', refusal);
  return keys;
}

function allowedUrl(url: string, innerHosts: ReadonlySet<string>): string {
  const refusal = addressRefusal(url, innerHosts);
  if (refusal !== null) throw new AppError('unprocessable', refusal);
  return url;
}
