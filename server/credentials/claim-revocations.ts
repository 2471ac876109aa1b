import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Db, Tx } from '#db/client.ts';
import { credentials, providers, revocations } from '#db/schema/credentials.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { readSealed, type SealedRow } from './open-secret.ts';

export type RevocationRow = typeof revocations.$inferSelect;

/** A revocation as it was claimed, with what its steps need, as it lies in the tables. */
export interface Claim {
  readonly row: RevocationRow;
  readonly credential: typeof credentials.$inferSelect;
  readonly provider: typeof providers.$inferSelect | null;
  /** Sealed: of the credential and of its provider; none for our own leases. */
  readonly sealed: readonly SealedRow[];
}

/** What is due of one provider of a tenant; of its own leases where there is no provider. */
export interface DueGroup {
  readonly tenantId: string;
  readonly providerId: string | null;
}

/**
 * What is due, as `r`, by itself and in its family: a child waits for its parent's first attempt, since
 * what could make it anew goes first. How deep a family waits is read once for all of it: asked anew for
 * each of a thousand children, it took two seconds.
 */
const fromDue = (columns: SQL, tenant: SQL) => sql`
  with waiting as materialized (
    select p.tenant_id, p.root_id, min(p.depth) as depth from revocations p
    where p.next_attempt_at is not null and p.target = 'provider' and p.state = 'requested'
      and (p.claimed_until is null or p.claimed_until >= clock_timestamp()) and ${tenant}
    group by p.tenant_id, p.root_id)
  select ${columns} from revocations r
  left join waiting w on w.tenant_id = r.tenant_id and w.root_id = r.root_id
  where r.next_attempt_at <= clock_timestamp()
    and (r.claimed_until is null or r.claimed_until < clock_timestamp())
    and r.incarnation = (select incarnation from log_incarnation)
    and (w.depth is null or r.depth <= w.depth)`;

/** Who has something due, longest waiting first, as the database names them. */
export async function listDueGroups(db: Db): Promise<DueGroup[]> {
  const rows = await db.execute<{ tenant_id: string; provider_id: string | null }>(sql`
    ${fromDue(sql`r.tenant_id, r.provider_id`, sql`true`)}
    group by r.tenant_id, r.provider_id order by min(r.next_attempt_at)
    limit ${limits.revocationGroupsMax * 2}`);
  return rows.map((row) => ({ tenantId: row.tenant_id, providerId: row.provider_id }));
}

/**
 * Takes what is due of a provider for this worker until `limits.revocationClaimMs` from now, parents
 * before children; none when nothing is due or others have it. A worker that dies loses its claims by
 * time, and the steps are taken again. Everything is read in the same transaction: with one for each, a
 * thousand revocations took four times as long.
 * @param providerId as the database has it; null for the tenant's own leases
 * @throws AppError `forbidden`
 */
export async function claimRevocations(ctx: Ctx, providerId: string | null): Promise<Claim[]> {
  requirePermission(ctx, 'credentials.finish');
  // no-audit: which worker does a step is no change; the step writes its own row.
  return withTransaction(ctx, async (tx) => {
    const tenant = uuidOf(ctx.tenantId);
    const due = await tx.execute<{ id: string }>(sql`
      ${fromDue(sql`r.id`, sql`p.tenant_id = ${tenant}::uuid`)}
        and r.tenant_id = ${tenant}::uuid and r.provider_id is not distinct from ${providerId}::uuid
      order by r.depth, r.next_attempt_at limit ${limits.revocationsClaimedMax}
      for no key update of r skip locked`);
    if (due.length === 0) return [];
    const ids = due.map(({ id }) => idOf('revocation', id));
    const rows = await tx
      .update(revocations)
      .set({
        claimedUntil: sql`clock_timestamp() + make_interval(secs => ${limits.revocationClaimMs / 1000})`,
      })
      .where(and(eq(revocations.tenantId, ctx.tenantId), inArray(revocations.id, ids)))
      .returning();
    const claims = await withSubjects(tx, ctx, rows);
    return claims.sort((a, b) => ids.indexOf(a.row.id) - ids.indexOf(b.row.id));
  });
}

/** With their credentials, their provider, and what is sealed of them. */
async function withSubjects(tx: Tx, ctx: Ctx, rows: readonly RevocationRow[]): Promise<Claim[]> {
  const credentialIds = rows.map((row) => row.credentialId);
  const there = rows.filter((row) => row.target !== 'leases');
  const providerIds = [...new Set(there.map((row) => row.providerId))].filter((id) => id !== null);
  const [found, made, sealed] = await Promise.all([
    tx
      .select()
      .from(credentials)
      .where(and(eq(credentials.tenantId, ctx.tenantId), inArray(credentials.id, credentialIds))),
    providerIds.length === 0
      ? []
      : tx
          .select()
          .from(providers)
          .where(and(eq(providers.tenantId, ctx.tenantId), inArray(providers.id, providerIds))),
    there.length === 0
      ? []
      : readSealed(tx, ctx, [...there.map((row) => row.credentialId), ...providerIds]),
  ]);
  const byId = new Map(found.map((credential) => [credential.id, credential]));
  const sealedOf = Map.groupBy(sealed, (one) => one.subjectId);
  return rows.map((row) => {
    const credential = byId.get(row.credentialId);
    if (credential === undefined) throw new Error('the credential of a revocation is gone');
    const provider = made.find((one) => one.id === row.providerId) ?? null;
    const subjects = [row.credentialId, row.providerId].filter((id) => id !== null);
    return { row, credential, provider, sealed: subjects.flatMap((id) => sealedOf.get(id) ?? []) };
  });
}

/** Gives back what was claimed and not begun; what others have taken meanwhile stays theirs. */
export async function releaseRevocations(ctx: Ctx, rows: readonly RevocationRow[]): Promise<void> {
  requirePermission(ctx, 'credentials.finish');
  if (rows.length === 0) return;
  // no-audit: which worker does a step is no change; the step writes its own row.
  await withTransaction(ctx, (tx) =>
    tx
      .update(revocations)
      .set({ claimedUntil: null })
      .where(
        and(
          eq(revocations.tenantId, ctx.tenantId),
          inArray(
            revocations.id,
            rows.map((row) => row.id),
          ),
          // All were claimed in one statement, whose rows differ by microseconds.
          inArray(
            revocations.claimedUntil,
            rows.map((row) => row.claimedUntil).filter((until) => until !== null),
          ),
        ),
      ),
  );
}
