import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { dataKeys, sealedSecrets } from '#db/schema/credentials.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { decryptBound } from './aes-gcm.ts';
import type { KeyManagement } from './key-management.ts';
import { keyBoundTo, secretBoundTo } from './seal-secret.ts';

/** A sealed secret with the wrapped key that opens it. */
export interface SealedRow {
  readonly subjectId: string;
  readonly sealed: Buffer;
  readonly version: number;
  readonly wrapped: Buffer;
  readonly wrappedBy: string;
}

/** What is sealed of these; only the worker's login can read it. @throws AppError `forbidden` */
export function readSealed(tx: Tx, ctx: Ctx, subjectIds: readonly string[]): Promise<SealedRow[]> {
  requirePermission(ctx, 'credentials.finish');
  return tx
    .select({
      subjectId: sealedSecrets.subjectId,
      sealed: sealedSecrets.sealed,
      version: dataKeys.version,
      wrapped: dataKeys.wrapped,
      wrappedBy: dataKeys.wrappedBy,
    })
    .from(sealedSecrets)
    .innerJoin(
      dataKeys,
      and(
        eq(dataKeys.tenantId, sealedSecrets.tenantId),
        eq(dataKeys.version, sealedSecrets.dataKeyVersion),
      ),
    )
    .where(
      and(
        eq(sealedSecrets.tenantId, ctx.tenantId),
        inArray(sealedSecrets.subjectId, [...subjectIds]),
      ),
    );
}

/**
 * Opens the secret of a subject for the one purpose that needs it: to revoke it where it was made. Done
 * outside of a transaction, because the keeper of the wrapping key may be another machine.
 * @throws Error when nothing is sealed of it, or what is there was moved or changed
 */
export async function openSecret(
  ctx: Ctx,
  keys: KeyManagement,
  rows: readonly SealedRow[],
  subjectId: string,
): Promise<string> {
  const row = rows.find((one) => one.subjectId === subjectId);
  if (row === undefined) throw new Error(`nothing is sealed of ${subjectId}`);
  const key = await keys.unwrap(row.wrapped, row.wrappedBy, keyBoundTo(ctx, row.version));
  const text = decryptBound(row.sealed, key, secretBoundTo(ctx, subjectId)).toString();
  key.fill(0);
  return text;
}
