import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import { revocationSteps, revocations } from '#db/schema/credentials.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId } from '#server/kernel/ids.ts';

/**
 * Tries a revocation again that nobody goes on with: given up, unproven, or asked for in another life of
 * the database. @throws AppError `forbidden`, `not_found`, `conflict` for one that is proven or at work
 */
export async function retryRevocation(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'credentials.revoke');
  if (!isId('revocation', id)) throw noSuchRevocation();
  await withTransaction(ctx, async (tx) => {
    const mine = and(eq(revocations.tenantId, ctx.tenantId), eq(revocations.id, id));
    const restored = sql`${revocations.incarnation} <> (select incarnation from log_incarnation)`;
    const [again] = await tx
      .update(revocations)
      .set({
        state: 'requested',
        says: 'Waits for a worker, once more.',
        attempts: 0,
        nextAttemptAt: sql`clock_timestamp()`,
        claimedUntil: null,
        incarnation: sql`(select incarnation from log_incarnation)`,
      })
      .where(
        and(
          mine,
          sql`(${revocations.target} = 'leases' or ${revocations.providerId} is not null)`,
          sql`(${and(isNull(revocations.nextAttemptAt), inArray(revocations.state, ['failed', 'unverifiable']))}
            or (${restored} and ${revocations.state} <> 'verified'))`,
        ),
      )
      .returning({ credentialId: revocations.credentialId });
    if (!again) {
      const found = await tx.select({ id: revocations.id }).from(revocations).where(mine);
      if (found.length === 0) throw noSuchRevocation();
      throw new AppError('conflict', 'There is nothing to try again of this revocation now.');
    }
    await tx.insert(revocationSteps).values({
      tenantId: ctx.tenantId,
      id: newId('revocationStep'),
      revocationId: id,
      step: 'retried',
      state: 'requested',
      verdict: 'requested',
      says: 'Somebody asked for it again.',
    });
    await writeAudit(tx, ctx, {
      action: 'credential.revocation_retried',
      subject: { type: 'credential', id: again.credentialId },
      detail: { revocation: id },
    });
  });
}

const noSuchRevocation = (): AppError =>
  new AppError('not_found', 'There is no such revocation in this tenant.');
