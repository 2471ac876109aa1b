import { and, eq, isNull, sql } from 'drizzle-orm';
import { apiKeys } from '#db/schema/tenancy.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { takeGateAlone } from '#server/kernel/take-gate-alone.ts';
import { noteChange } from '#server/live/note-change.ts';
import { forgetKeyVerdicts } from './authenticate-key.ts';
import { requirePermission } from './require-permission.ts';

/**
 * Revokes a machine key for good: refused at once in this process and within `limits.keyVerdictMs`
 * in every other. What a key decides, fetches or redeems reads it behind the gate, which this takes
 * alone: nothing of that is left under way at the commit, and nothing passes after it, in any process.
 * Revoking it again changes nothing and says `isChanged: false`.
 * @throws AppError `forbidden`, `not_found`.
 */
export async function revokeKey(ctx: Ctx, keyId: string): Promise<{ isChanged: boolean }> {
  requirePermission(ctx, 'keys.write');
  if (!isId('key', keyId)) throw noSuchKey();
  const isChanged = await withTransaction(ctx, async (tx) => {
    await takeGateAlone(tx, ctx);
    const mine = and(eq(apiKeys.tenantId, ctx.tenantId), eq(apiKeys.id, keyId));
    const [revoked] = await tx
      .update(apiKeys)
      .set({ revokedAt: sql`now()` })
      .where(and(mine, isNull(apiKeys.revokedAt)))
      .returning({ name: apiKeys.name, prefix: apiKeys.prefix, agentId: apiKeys.agentId });
    if (!revoked) {
      const found = await tx.select({ id: apiKeys.id }).from(apiKeys).where(mine);
      if (found.length === 0) throw noSuchKey();
      return false;
    }
    const { agentId, ...detail } = revoked;
    await writeAudit(tx, ctx, {
      action: 'key.revoked',
      subject: { type: 'key', id: keyId },
      detail,
    });
    // Its open streams are ended by every process that holds one.
    await noteChange(tx, ctx, { noun: 'key', subjectId: keyId, change: 'revoked', agentId });
    return true;
  });
  forgetKeyVerdicts(ctx.db);
  return { isChanged };
}

function noSuchKey(): AppError {
  return new AppError('not_found', 'There is no such key in this tenant.');
}
