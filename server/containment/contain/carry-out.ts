import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { containmentCredentials, containments } from '#db/schema/containment.ts';
import { lockAgentIn } from '#server/agents/lock-agent.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readHoldings } from '#server/credentials/read-holdings.ts';
import { revokeCredentialsIn } from '#server/credentials/revoke-credential.ts';
import type { PlacedScope } from '#server/gate/contract.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { readStop } from '#server/gate/queries.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { coveredHoldings } from '../covered-holdings.ts';
import { readCoveredAgents } from '../read-cuts.ts';
import { gatherEvidence } from './gather-evidence.ts';

type Row = typeof containments.$inferSelect;
type Change = Parameters<ReturnType<Tx['update']>['set']>[0];

/**
 * Takes the steps of a containment that are left: stop, lock, evidence, cut; the cut before the evidence
 * where data is leaving. Each step commits by itself and is taken once, whoever comes first; what waits
 * for a person is left. The stop comes before the lock: it refuses from its commit on, and the stream on
 * which the agent hears of it ends with the lock.
 * @throws AppError `forbidden`, `not_found`
 */
export async function carryOut(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'containments.finish');
  await stopFirst(ctx, id);
  await takeStep(ctx, id, lock);
  const row = await takeStep(ctx, id, async () => null);
  const stop = row.stopId === null ? null : await readStop(ctx, row.stopId);
  // Of what nobody stops any more, nothing is cut.
  if (stop !== null && stop.state !== 'lifted') {
    const steps = row.isCutFirst ? [cut, holdEvidence] : [holdEvidence, cut];
    const failures: unknown[] = [];
    for (const step of steps) {
      await takeStep(ctx, id, (tx, inner, now) => step(tx, inner, now, stop.scope)).catch(
        (error: unknown) => failures.push(error),
      );
    }
    // Evidence that cannot be held is no reason to leave a credential alive, nor the other way round.
    if (failures.length > 0) throw failures[0];
  }
  const isOver = stop?.state === 'lifted';
  await takeStep(ctx, id, async (_tx, _ctx, now) =>
    isOver || !isLeft(now) ? { carriedOutAt: sql`clock_timestamp()` } : null,
  );
}

/** Whether a step may still be taken without another word: somebody may have asked again meanwhile. */
const isLeft = (row: Row): boolean =>
  row.stopId === null ||
  (row.agentId !== null && row.lockedAt === null) ||
  (row.confirmedAt !== null && row.cutAt === null);

/** One step under the row's lock; a released containment takes none. @throws AppError `not_found` */
function takeStep(
  ctx: Ctx,
  id: string,
  step: (tx: Tx, ctx: Ctx, row: Row) => Promise<Change | null>,
): Promise<Row> {
  // no-audit: each step that changes something writes its own row.
  return withTransaction(ctx, async (tx) => {
    const mine = and(eq(containments.tenantId, ctx.tenantId), eq(containments.id, id));
    const [row] = await tx.select().from(containments).where(mine).for('update');
    if (!row) throw new AppError('not_found', 'There is no such containment in this tenant.');
    if (row.releasedAt !== null) return row;
    const change = await step(tx, ctx, row);
    if (change !== null) await tx.update(containments).set(change).where(mine);
    return row;
  });
}

/** Outside a transaction of its own kind: a stop takes two, and a second one of a scope changes nothing. */
async function stopFirst(ctx: Ctx, id: string): Promise<void> {
  const row = await takeStep(ctx, id, async () => null);
  if (row.releasedAt !== null || row.stopId !== null || row.agentId === null) return;
  const placed = await placeStop(ctx, {
    scope: { kind: 'agent', id: row.agentId },
    level: row.level,
    reason: row.reason,
  });
  await takeStep(ctx, id, async () => ({
    stopId: placed.id,
    // A stop that stood before is somebody else's, and stays when the agent is released.
    isStopOwn: sql`${containments.requestedAt} <= (select s.placed_at from stops s
      where s.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and s.id = ${uuidOf(placed.id)}::uuid)`,
  }));
}

async function lock(tx: Tx, ctx: Ctx, row: Row): Promise<Change | null> {
  if (row.agentId === null || row.lockedAt !== null) return null;
  const { reason, id } = row;
  const isLocked = await lockAgentIn(tx, ctx, row.agentId, { reason, containment: id });
  return { lockedAt: sql`clock_timestamp()`, isLockOwn: row.isLockOwn || isLocked };
}

async function holdEvidence(
  tx: Tx,
  ctx: Ctx,
  row: Row,
  scope: PlacedScope,
): Promise<Change | null> {
  if (row.level < limits.evidenceLevel || row.evidenceAt !== null) return null;
  const { evidence, digest, counts } = await gatherEvidence(tx, ctx, scope, row.requestedAt);
  await writeAudit(tx, ctx, {
    action: 'containment.evidence_held',
    subject: { type: 'containment', id: row.id },
    detail: { digest, ...counts },
  });
  return { evidence, evidenceDigest: digest, evidenceAt: sql`clock_timestamp()` };
}

/** Every credential that what is stopped may take leases of, with all that was made from it. */
async function cut(tx: Tx, ctx: Ctx, row: Row, scope: PlacedScope): Promise<Change | null> {
  if (row.confirmedAt === null || row.cutAt !== null) return null;
  const agents = await readCoveredAgents(tx, ctx, scope);
  const agentIds = agents.map((agent) => agent.id);
  const holdings = await readHoldings(tx, ctx, agentIds, coveredHoldings({ scope }));
  const ids = [...new Set(holdings.map((holding) => holding.credentialId))];
  const changed = await revokeCredentialsIn(tx, ctx, ids, `${row.reason} (${row.id})`);
  if (ids.length > 0) {
    await tx
      .insert(containmentCredentials)
      .values(
        ids.map((credentialId) => ({
          tenantId: ctx.tenantId,
          containmentId: row.id,
          credentialId,
        })),
      )
      .onConflictDoNothing();
  }
  await writeAudit(tx, ctx, {
    action: 'containment.cut',
    subject: { type: 'containment', id: row.id },
    cause: row.reason,
    detail: { credentials: ids.length, changed, confirmedBy: row.confirmedBy },
  });
  return { cutAt: sql`clock_timestamp()` };
}
