import { hotQuery } from '#db/hot-query.ts';
import type { Tx } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';

const text = `select 1 from api_keys where tenant_id = $1::uuid and id = $2::uuid
  and (revoked_at is not null or expires_at <= clock_timestamp())`;

/**
 * Whether the key that acts was revoked or has expired since the door looked, which it does once in
 * `limits.keyVerdictMs` at most. Asked behind the gate, which a revocation takes alone, so that the
 * answer holds until the commit; a person has no key. Rows of keys are never removed.
 */
export async function isKeyDead(tx: Tx, { tenantId, actor }: Ctx): Promise<boolean> {
  if (actor.type !== 'key') return false;
  const found = await hotQuery(tx, text, [uuidOf(tenantId), uuidOf(actor.keyId)]);
  return found.length > 0;
}

/** What the door says of such a key, too. */
export const deadKey = (): AppError =>
  new AppError('unauthenticated', 'This key was revoked or has expired; ask for a new one.');
