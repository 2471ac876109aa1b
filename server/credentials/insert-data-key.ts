import { dataKeys } from '#db/schema/credentials.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import type { KeyManagement } from './key-management.ts';
import { chooseWrappingKey, isKeyGone } from './master-key/choose-wrapping-key.ts';

/** A data key as the table holds it. */
interface WrappedDataKey {
  readonly version: number;
  readonly wrapped: Buffer;
  readonly wrappedBy: string;
}

/** The name of the key that wraps now. @throws AppError `store_unavailable` where we hold none */
export function readWrappingKey(ctx: Ctx, keys: KeyManagement): Promise<string> {
  // no-audit: at most the first master key is registered, which the data key's own row names.
  return withTransaction(ctx, (tx) => chooseWrappingKey(tx, keys));
}

/**
 * Stores a data key, audited; answers whether it is new. Its callers have checked the permission.
 * @throws AppError `conflict` where its master key was exchanged in between
 */
export async function insertDataKey(
  ctx: Ctx,
  key: WrappedDataKey,
  detail: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  try {
    return await withTransaction(ctx, async (tx) => {
      const made = await tx
        .insert(dataKeys)
        .values({ tenantId: ctx.tenantId, ...key })
        .onConflictDoNothing()
        .returning({ version: dataKeys.version });
      if (made.length === 0) return false;
      await writeAudit(tx, ctx, {
        action: 'data_key.created',
        subject: { type: 'data_key', id: String(key.version) },
        detail,
      });
      return true;
    });
  } catch (error) {
    if (!isKeyGone(error)) throw error;
    throw new AppError('conflict', 'The master key was exchanged in this moment; try it again.', {
      cause: error,
    });
  }
}
