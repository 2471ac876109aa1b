import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import { containments } from '#db/schema/containment.ts';
import { unlockAgentIn } from '#server/agents/lock-agent.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { readStop } from '#server/gate/queries.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { noSuchContainment } from './confirm-containment.ts';

/**
 * Releases a contained agent: it is active again if it was before, and the stop that was placed for it is
 * lifted; one that stood before stays. What was revoked stays revoked. A crash in between leaves the
 * stop, which is the safe side and is lifted as any other.
 * @throws AppError `forbidden`, `not_found`, `conflict` when it was released already
 */
export async function releaseContainment(ctx: Ctx, id: string, reason: string): Promise<void> {
  requirePermission(ctx, 'stops.lift');
  if (!isId('containment', id)) throw noSuchContainment();
  const row = await withTransaction(ctx, async (tx) => {
    const mine = and(
      eq(containments.tenantId, ctx.tenantId),
      eq(containments.id, id),
      isNotNull(containments.agentId),
    );
    const [released] = await tx
      .update(containments)
      .set({
        releasedAt: sql`clock_timestamp()`,
        releasedBy: actorIdentity(ctx.actor).label,
        carriedOutAt: sql`coalesce(${containments.carriedOutAt}, clock_timestamp())`,
      })
      .where(and(mine, isNull(containments.releasedAt)))
      .returning();
    if (!released) {
      const found = await tx.select({ id: containments.id }).from(containments).where(mine);
      if (found.length === 0) throw noSuchContainment();
      throw new AppError('conflict', 'Somebody has released it already.');
    }
    if (released.agentId !== null && released.isLockOwn) {
      await unlockAgentIn(tx, ctx, released.agentId, { reason, containment: id });
    }
    await writeAudit(tx, ctx, {
      action: 'containment.released',
      subject: { type: 'containment', id },
      cause: reason,
      detail: { agent: released.agentLabel, stop: released.stopId, liftsStop: released.isStopOwn },
    });
    return released;
  });
  if (row.stopId === null || !row.isStopOwn) return;
  const stop = await readStop(ctx, row.stopId);
  if (stop.state !== 'lifted') await liftStop(ctx, row.stopId, reason);
}
