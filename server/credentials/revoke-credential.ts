import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import {
  credentialHolders,
  credentials,
  leases,
  revocationSteps,
  revocations,
} from '#db/schema/credentials.ts';
import { actorIdentity, type AuditEntry, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { noteChanges } from '#server/live/note-change.ts';
import type { RevokeAnswer, RevokeInput } from './contract.ts';
import { readOfflineUntil } from './offline-leases.ts';
import { type FamilyMember, readFamilies } from './read-family.ts';

/**
 * Revokes a credential and all that was made from it. The rows are locked before anything else, parents
 * first, so that no lease and no child is made beside it; from the commit on nothing is issued of them
 * and no lease of them is live. What their providers make of it, a worker finds out, and proves.
 *
 * A second press changes nothing and keeps the first author.
 * @throws AppError `forbidden`, `not_found`
 */
export async function revokeCredential(ctx: Ctx, input: RevokeInput): Promise<RevokeAnswer> {
  requirePermission(ctx, 'credentials.revoke');
  if (!isId('credential', input.id)) throw noSuchCredential();
  return withTransaction(ctx, async (tx) => {
    const changed = await revokeOne(tx, ctx, input);
    return { credentials: changed, isChanged: changed > 0 };
  });
}

/**
 * The same, inside the caller's transaction, for what a registered transmitter told of it.
 * @returns how many were not being revoked before
 * @throws AppError `forbidden`, `not_found`
 */
export function revokeToldIn(tx: Tx, ctx: Ctx, input: RevokeInput): Promise<number> {
  requirePermission(ctx, 'security_events.apply');
  return revokeOne(tx, ctx, input);
}

/**
 * The same, inside the caller's transaction, for the practice credential of a drill.
 * @returns how many were not being revoked before
 * @throws AppError `forbidden`, `not_found`
 */
export function revokeForDrillIn(tx: Tx, ctx: Ctx, input: RevokeInput): Promise<number> {
  requirePermission(ctx, 'drills.measure');
  return revokeOne(tx, ctx, input);
}

async function revokeOne(tx: Tx, ctx: Ctx, { id, reason }: RevokeInput): Promise<number> {
  const family = await lockFamilies(tx, ctx, [id]);
  if (family.length === 0) throw noSuchCredential();
  const changed = await revokeAll(tx, ctx, family, reason);
  if (changed === 0) {
    await writeAudit(tx, ctx, {
      action: 'credential.revoke_repeated',
      subject: { type: 'credential', id },
      cause: reason,
    });
  }
  return changed;
}

const noSuchCredential = (): AppError =>
  new AppError('not_found', 'There is no such credential in this tenant.');

/**
 * The same for several at once, inside the caller's transaction: for whoever contains what holds them.
 * @returns how many were not being revoked before
 * @throws AppError `forbidden`
 */
export async function revokeCredentialsIn(
  tx: Tx,
  ctx: Ctx,
  ids: readonly string[],
  reason: string,
): Promise<number> {
  requirePermission(ctx, 'containments.finish');
  return revokeAll(tx, ctx, await lockFamilies(tx, ctx, ids), reason);
}

/**
 * Each credential with all that was made from it. Locked in the order of their ids, whatever families
 * they are of, so that two who revoke never wait in a circle. A child that was added while the lock was
 * waited for is found by the second reading.
 */
async function lockFamilies(
  tx: Tx,
  ctx: Ctx,
  ids: readonly string[],
): Promise<readonly FamilyMember[]> {
  let known = 0;
  for (;;) {
    const members = await readFamilies(tx, ctx, ids);
    if (members.length === known) return members;
    known = members.length;
    await tx
      .select({ id: credentials.id })
      .from(credentials)
      .where(
        and(
          eq(credentials.tenantId, ctx.tenantId),
          inArray(
            credentials.id,
            members.map((member) => member.id),
          ),
        ),
      )
      .orderBy(credentials.id)
      .for('update');
  }
}

/**
 * Those that are not being revoked yet, in a few statements: a cascade of a thousand is over within the
 * second. @returns how many they were
 */
async function revokeAll(
  tx: Tx,
  ctx: Ctx,
  members: readonly FamilyMember[],
  reason: string,
): Promise<number> {
  const family = members.filter((member) => !member.isRevoked);
  for (let from = 0; from < family.length; from += limits.revokedAtOnce) {
    const some = family.slice(from, from + limits.revokedAtOnce);
    const ids = some.map((member) => member.id);
    await tx
      .update(credentials)
      .set({ revokeRequestedAt: sql`clock_timestamp()` })
      .where(and(eq(credentials.tenantId, ctx.tenantId), inArray(credentials.id, ids)));
    await tx
      .update(leases)
      .set({ endedAt: sql`clock_timestamp()`, ended: 'credential_revoked' })
      .where(
        and(
          eq(leases.tenantId, ctx.tenantId),
          inArray(leases.credentialId, ids),
          isNull(leases.endedAt),
          sql`${leases.expiresAt} > clock_timestamp()`,
        ),
      );
    await insertRevocations(tx, ctx, some, reason);
    await writeAudit(
      tx,
      ctx,
      some.map((member) => requestEntry(member, reason)),
    );
    await tellHolders(tx, ctx, ids);
  }
  return family.length;
}

const requestEntry = (member: FamilyMember, reason: string): AuditEntry => ({
  action: 'credential.revoke_requested',
  subject: { type: 'credential', id: member.id },
  cause: reason,
  detail: {
    name: member.name,
    rootId: member.rootId,
    provider: member.providerId,
    leases: member.liveLeases,
  },
});

/** Once for the leases here, and once for the credential itself where it was made. */
async function insertRevocations(
  tx: Tx,
  ctx: Ctx,
  members: readonly FamilyMember[],
  reason: string,
): Promise<void> {
  const [life] = await tx.execute<{ incarnation: number }>(
    sql`select incarnation from log_incarnation`,
  );
  if (!life) throw new Error('the database told no incarnation');
  const shared = {
    tenantId: ctx.tenantId,
    requestedBy: actorIdentity(ctx.actor).label,
    reason,
    incarnation: life.incarnation,
  };
  const ids = members.map((member) => member.id);
  const offline = await readOfflineUntil(tx, ctx, ids);
  const rows = members.flatMap((member) =>
    partsOf(member, offline.get(member.id) ?? null).map((part) => ({
      ...shared,
      id: newId('revocation'),
      credentialId: member.id,
      rootId: member.rootId,
      depth: member.depth,
      ...part,
    })),
  );
  await tx.insert(revocations).values(rows);
  await tx.insert(revocationSteps).values(
    rows.map(({ id, state, says }) => ({
      tenantId: ctx.tenantId,
      id: newId('revocationStep'),
      revocationId: id,
      step: 'requested' as const,
      state,
      verdict: 'requested',
      says,
    })),
  );
}

function partsOf({ providerId, expiresAt }: FamilyMember, offlineUntil: string | null) {
  const waiting = { nextAttemptAt: sql`clock_timestamp()`, lastValidAt: null, offlineUntil: null };
  const here = {
    ...waiting,
    // Nothing is issued of it any more, so this stays the last second of its JWTs.
    offlineUntil,
    target: 'leases' as const,
    providerId: null,
    state: 'requested' as const,
    says: 'Its leases are refused; a probe follows.',
  };
  const there =
    providerId === null
      ? {
          nextAttemptAt: null,
          lastValidAt: expiresAt,
          offlineUntil: null,
          target: 'provider' as const,
          providerId,
          state: 'external' as const,
          says: 'No provider is known: its owner has to revoke it where it was made.',
        }
      : {
          ...waiting,
          target: 'provider' as const,
          providerId,
          state: 'requested' as const,
          says: 'Waits for a worker.',
        };
  return [here, there];
}

/** Agents that hold one are told on their streams. */
async function tellHolders(tx: Tx, ctx: Ctx, ids: readonly string[]): Promise<void> {
  const holders = await tx
    .select({ agentId: credentialHolders.agentId, subjectId: credentialHolders.credentialId })
    .from(credentialHolders)
    .where(
      and(
        eq(credentialHolders.tenantId, ctx.tenantId),
        inArray(credentialHolders.credentialId, [...ids]),
      ),
    );
  await noteChanges(
    tx,
    ctx,
    holders.map((holder) => ({ noun: 'credential', change: 'revoked', ...holder })),
  );
}
