import { and, asc, eq, lt, notExists, sql } from 'drizzle-orm';
import { dataKeys, sealedSecrets } from '#db/schema/credentials.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { decryptBound, encryptBound } from './aes-gcm.ts';
import { type KeyManagement, newDataKey } from './key-management.ts';
import { insertDataKey, readWrappingKey } from './insert-data-key.ts';
import { keyBoundTo, secretBoundTo } from './seal-secret.ts';

/** What a rotation came to. */
export interface RotatedDataKey {
  /** The version that seals from now on. */
  readonly version: number;
  /** Secrets that were sealed anew. */
  readonly secrets: number;
  /** Versions whose keys are gone. */
  readonly destroyed: readonly number[];
}

/** Open data keys by version, for the time of one rotation. */
type OpenKeys = Map<number, Buffer>;

/**
 * Gives a tenant a new data key, seals every secret of the broker under it, and destroys the old keys. New
 * secrets are sealed under it from its first commit on, so nothing stands still meanwhile; a rotation that
 * breaks off leaves all of it readable, and the next one finishes. Whoever sealed under an old key and
 * stores it only after that key is gone is refused, and tries again.
 *
 * Only the data keys turn over. What wraps them is exchanged by `exchangeMasterKey`, and what is derived
 * (placeholders, sealed arguments, webhook secrets) stays.
 *
 * @param say told of the secrets done so far
 * @throws AppError `forbidden`, `conflict` where nothing was ever sealed
 */
export async function rotateDataKey(
  ctx: Ctx,
  keys: KeyManagement,
  say: (done: number) => void = () => undefined,
): Promise<RotatedDataKey> {
  requirePermission(ctx, 'credentials.rotate');
  const open = await openAll(ctx, keys);
  if (open.size === 0) {
    throw new AppError('conflict', 'This tenant has sealed nothing yet, so it has no data key.');
  }
  const version = Math.max(...open.keys()) + 1;
  const key = newDataKey();
  await makeDataKey(ctx, keys, version, key);
  let secrets = 0;
  for (let done = await sealNext(ctx, open, version, key); done > 0;) {
    secrets += done;
    say(secrets);
    done = await sealNext(ctx, open, version, key);
  }
  for (const one of [key, ...open.values()]) one.fill(0);
  return { version, secrets, destroyed: await destroyOld(ctx, version) };
}

async function openAll(ctx: Ctx, keys: KeyManagement): Promise<OpenKeys> {
  const rows = await withRead(ctx, (tx) =>
    tx.select().from(dataKeys).where(eq(dataKeys.tenantId, ctx.tenantId)),
  );
  const open: OpenKeys = new Map();
  for (const { version, wrapped, wrappedBy } of rows) {
    open.set(version, await keys.unwrap(wrapped, wrappedBy, keyBoundTo(ctx, version)));
  }
  return open;
}

async function makeDataKey(
  ctx: Ctx,
  keys: KeyManagement,
  version: number,
  key: Buffer,
): Promise<void> {
  const wrappedBy = await readWrappingKey(ctx, keys);
  const wrapped = await keys.wrap(key, wrappedBy, keyBoundTo(ctx, version));
  const detail = { wrappedBy, isRotation: true };
  if (await insertDataKey(ctx, { version, wrapped, wrappedBy }, detail)) return;
  throw new AppError('conflict', 'Another rotation of this tenant runs; wait for its end.');
}

/** Seals the next secrets of older versions anew, in one transaction; answers how many there were. */
async function sealNext(ctx: Ctx, open: OpenKeys, version: number, key: Buffer): Promise<number> {
  requirePermission(ctx, 'credentials.rotate');
  // no-audit: the secrets stay what they are; the key's making and its end are audited.
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select()
      .from(sealedSecrets)
      .where(
        and(eq(sealedSecrets.tenantId, ctx.tenantId), lt(sealedSecrets.dataKeyVersion, version)),
      )
      .orderBy(asc(sealedSecrets.subjectId))
      .limit(limits.rotationSecretsMax)
      .for('update');
    await Promise.all(
      rows.map(({ subjectId, dataKeyVersion, sealed }) => {
        const old = open.get(dataKeyVersion);
        if (old === undefined) throw new Error(`data key ${dataKeyVersion} came in between`);
        const bound = secretBoundTo(ctx, subjectId);
        const text = decryptBound(sealed, old, bound);
        const anew = encryptBound(text, key, bound);
        text.fill(0);
        return tx
          .update(sealedSecrets)
          .set({ sealed: anew, dataKeyVersion: version })
          .where(
            and(eq(sealedSecrets.tenantId, ctx.tenantId), eq(sealedSecrets.subjectId, subjectId)),
          );
      }),
    );
    return rows.length;
  });
}

/**
 * Older keys that nothing is sealed under any more. Whoever stores a secret under one at this moment holds
 * its row: it is waited for, and its key stays until the next rotation.
 */
function destroyOld(ctx: Ctx, version: number): Promise<number[]> {
  return withTransaction(ctx, async (tx) => {
    await tx
      .select({ version: dataKeys.version })
      .from(dataKeys)
      .where(and(eq(dataKeys.tenantId, ctx.tenantId), lt(dataKeys.version, version)))
      .for('update');
    const used = tx
      .select({ one: sql`1` })
      .from(sealedSecrets)
      .where(
        and(
          eq(sealedSecrets.tenantId, dataKeys.tenantId),
          eq(sealedSecrets.dataKeyVersion, dataKeys.version),
        ),
      );
    const gone = await tx
      .delete(dataKeys)
      .where(
        and(eq(dataKeys.tenantId, ctx.tenantId), lt(dataKeys.version, version), notExists(used)),
      )
      .returning({ version: dataKeys.version });
    const versions = gone.map((row) => row.version).toSorted((a, b) => a - b);
    await writeAudit(tx, ctx, {
      action: 'data_key.destroyed',
      subject: { type: 'data_key', id: String(version) },
      detail: { versions },
    });
    return versions;
  });
}
