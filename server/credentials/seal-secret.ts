import { and, desc, eq } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { dataKeys, sealedSecrets } from '#db/schema/credentials.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { encryptBound } from './aes-gcm.ts';
import { type KeyManagement, newDataKey } from './key-management.ts';
import { isKeyGone } from './master-key/choose-wrapping-key.ts';
import { insertDataKey, readWrappingKey } from './insert-data-key.ts';

/** A data key, open; it leaves the memory of the call with it. */
interface OpenDataKey {
  readonly version: number;
  readonly key: Buffer;
}

/** A secret as the table holds it. */
export interface SealedSecret {
  readonly dataKeyVersion: number;
  readonly sealed: Buffer;
}

/** What a data key, and what a secret, is bound to; opens for nothing else. */
export const keyBoundTo = (ctx: Ctx, version: number) => `data key ${ctx.tenantId} ${version}`;
export const secretBoundTo = (ctx: Ctx, subjectId: string) => `secret ${ctx.tenantId} ${subjectId}`;

/**
 * Seals a secret under the tenant's data key, made at its first use. Done before the transaction that
 * stores it, because a keeper of keys may be another machine.
 * @throws AppError `forbidden`
 */
export async function sealSecret(
  ctx: Ctx,
  keys: KeyManagement,
  subjectId: string,
  secret: string,
): Promise<SealedSecret> {
  const { version, key } = (await readDataKey(ctx, keys)) ?? (await makeDataKey(ctx, keys));
  const sealed = encryptBound(Buffer.from(secret), key, secretBoundTo(ctx, subjectId));
  key.fill(0);
  return { dataKeyVersion: version, sealed };
}

/**
 * Stores what {@link sealSecret} made, in the transaction of what it belongs to.
 * @throws AppError `conflict` when a rotation destroyed its data key in between
 */
export async function storeSecret(
  tx: Tx,
  ctx: Ctx,
  subjectId: string,
  secret: SealedSecret,
): Promise<void> {
  try {
    await tx.insert(sealedSecrets).values({ tenantId: ctx.tenantId, subjectId, ...secret });
  } catch (error) {
    if (!isKeyGone(error)) throw error;
    throw new AppError('conflict', 'The data key was replaced in this moment; add it once more.', {
      cause: error,
    });
  }
}

async function readDataKey(ctx: Ctx, keys: KeyManagement): Promise<OpenDataKey | null> {
  const [row] = await withRead(ctx, (tx) =>
    tx
      .select()
      .from(dataKeys)
      .where(and(eq(dataKeys.tenantId, ctx.tenantId)))
      .orderBy(desc(dataKeys.version))
      .limit(1),
  );
  if (!row) return null;
  const key = await keys.unwrap(row.wrapped, row.wrappedBy, keyBoundTo(ctx, row.version));
  return { version: row.version, key };
}

/** Makes the first one; of two processes that do it at once, both use the one that was stored. */
async function makeDataKey(ctx: Ctx, keys: KeyManagement): Promise<OpenDataKey> {
  requirePermission(ctx, 'credentials.write');
  const version = 1;
  const wrappedBy = await readWrappingKey(ctx, keys);
  const wrapped = await keys.wrap(newDataKey(), wrappedBy, keyBoundTo(ctx, version));
  await insertDataKey(ctx, { version, wrapped, wrappedBy }, { wrappedBy });
  const stored = await readDataKey(ctx, keys);
  if (stored === null) throw new Error('the data key that was just stored is gone');
  return stored;
}
