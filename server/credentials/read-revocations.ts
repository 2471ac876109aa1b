import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { providers, revocationSteps, revocations } from '#db/schema/credentials.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Revocation } from './inventory/contract.ts';

/** The parts of a credential's revocation, its leases first, each with its ladder. */
export async function readRevocations(
  tx: Tx,
  ctx: Ctx,
  credentialId: string,
): Promise<Revocation[]> {
  const rows = await tx
    .select({
      row: revocations,
      name: providers.name,
      adapter: providers.adapter,
      isOfThisLife: sql<boolean>`${revocations.incarnation} = (select incarnation from log_incarnation)`,
    })
    .from(revocations)
    .leftJoin(
      providers,
      and(eq(providers.tenantId, revocations.tenantId), eq(providers.id, revocations.providerId)),
    )
    .where(and(eq(revocations.tenantId, ctx.tenantId), eq(revocations.credentialId, credentialId)))
    .orderBy(asc(revocations.target));
  const ids = rows.map(({ row }) => row.id);
  const steps =
    ids.length === 0
      ? []
      : await tx
          .select()
          .from(revocationSteps)
          .where(
            and(
              eq(revocationSteps.tenantId, ctx.tenantId),
              inArray(revocationSteps.revocationId, ids),
            ),
          )
          .orderBy(asc(revocationSteps.at), asc(revocationSteps.id))
          .limit(limits.pageItemsMax);
  return rows.map(({ row, name, adapter, isOfThisLife }) => ({
    id: row.id,
    target: row.target,
    provider: name === null || adapter === null ? null : { name, adapter },
    state: row.state,
    says: isOfThisLife
      ? row.says
      : 'Asked for before the database was restored: it goes on once somebody asks again.',
    requestedAt: row.requestedAt,
    requestedBy: row.requestedBy,
    reason: row.reason,
    attempts: row.attempts,
    lastValidAt: row.lastValidAt,
    offlineUntil: row.offlineUntil,
    nextAttemptAt: isOfThisLife ? row.nextAttemptAt : null,
    mayRetry: mayRetry(row, isOfThisLife),
    steps: steps
      .filter((step) => step.revocationId === row.id)
      .map(({ at, step, state, host, status, says }) => ({ at, step, state, host, status, says })),
  }));
}

/** As retry-revocation.ts allows it. */
function mayRetry(row: typeof revocations.$inferSelect, isOfThisLife: boolean): boolean {
  if (row.target === 'provider' && row.providerId === null) return false;
  if (!isOfThisLife) return row.state !== 'verified';
  return row.nextAttemptAt === null && (row.state === 'failed' || row.state === 'unverifiable');
}
