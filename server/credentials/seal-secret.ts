import { and, desc, eq } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { dataKeys, sealedSecrets } from '#db/schema/credentials.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { encryptBound } from './aes-gcm.ts';
import { type KeyManagement, newDataKey } from './key-management.ts';

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

/** The table refuses what is sealed under a key that is not there (SQLSTATE 23503). */
function isKeyGone(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && at.code === '23503') return true;
  }
  return false;
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
  const wrapped = await keys.wrap(newDataKey(), keyBoundTo(ctx, version));
  await withTransaction(ctx, async (tx) => {
    const made = await tx
      .insert(dataKeys)
      .values({ tenantId: ctx.tenantId, version, wrapped, wrappedBy: keys.keyName })
      .onConflictDoNothing()
      .returning({ version: dataKeys.version });
    if (made.length === 0) return;
    await writeAudit(tx, ctx, {
      action: 'data_key.created',
      subject: { type: 'data_key', id: String(version) },
      detail: { wrappedBy: keys.keyName },
    });
  });
  const stored = await readDataKey(ctx, keys);
  if (stored === null) throw new Error('the data key that was just stored is gone');
  return stored;
}
