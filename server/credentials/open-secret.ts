import { and, eq } from 'drizzle-orm';
import { dataKeys, sealedSecrets } from '#db/schema/credentials.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { decryptBound } from './aes-gcm.ts';
import type { KeyManagement } from './key-management.ts';
import { keyBoundTo, secretBoundTo } from './seal-secret.ts';

/**
 * Opens a secret for the one purpose that needs it: to revoke it where it was made. Only the worker's
 * login can read what is sealed. @throws AppError `forbidden`; Error when it is not there, or was moved
 */
export async function openSecret(
  ctx: Ctx,
  keys: KeyManagement,
  subjectId: string,
): Promise<string> {
  requirePermission(ctx, 'credentials.finish');
  const [row] = await withRead(ctx, (tx) =>
    tx
      .select({
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
      .where(and(eq(sealedSecrets.tenantId, ctx.tenantId), eq(sealedSecrets.subjectId, subjectId))),
  );
  if (!row) throw new Error(`nothing is sealed of ${subjectId}`);
  const key = await keys.unwrap(row.wrapped, row.wrappedBy, keyBoundTo(ctx, row.version));
  const text = decryptBound(row.sealed, key, secretBoundTo(ctx, subjectId)).toString();
  key.fill(0);
  return text;
}
