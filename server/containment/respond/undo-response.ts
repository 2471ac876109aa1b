import { and, eq, inArray, sql } from 'drizzle-orm';
import { ruleResponses } from '#db/schema/containment.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { readStop } from '#server/gate/queries.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { readContainment } from '../contain/read-containment.ts';
import { releaseContainment } from '../contain/release-containment.ts';
import { mayUndo, undoableStates } from './may-undo.ts';

/**
 * Undoes what a rule did by itself: lifts its stop, or releases the agent that it contained. What somebody
 * has lifted or released meanwhile stays so. Undone first and noted after: a crash in between leaves
 * something to press again.
 * @throws AppError `forbidden`, `not_found`, `conflict` where there is nothing of its own to undo
 */
export async function undoResponse(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'stops.lift');
  if (!isId('response', id)) throw noSuchResponse();
  const mine = and(eq(ruleResponses.tenantId, ctx.tenantId), eq(ruleResponses.id, id));
  const [row] = await withRead(ctx, (tx) => tx.select().from(ruleResponses).where(mine));
  if (!row) throw noSuchResponse();
  if (!mayUndo(row)) {
    throw new AppError('conflict', 'There is nothing of its own to undo.');
  }
  const reason = `Undone: rule “${row.ruleTitle.slice(0, 200)}” (${row.alertId})`;
  if (row.containmentId !== null) {
    const { releasedAt } = await readContainment(ctx, row.containmentId);
    if (releasedAt === null) await releaseContainment(ctx, row.containmentId, reason);
  }
  if (row.stopId !== null && (await readStop(ctx, row.stopId)).state !== 'lifted') {
    await liftStop(ctx, row.stopId, reason);
  }
  await withTransaction(ctx, async (tx) => {
    const undoneBy = actorIdentity(ctx.actor).label;
    const [undone] = await tx
      .update(ruleResponses)
      .set({ state: 'undone', says: 'It was undone.', undoneBy, undoneAt: sql`clock_timestamp()` })
      .where(and(mine, inArray(ruleResponses.state, undoableStates)))
      .returning({ id: ruleResponses.id });
    if (!undone) return;
    await writeAudit(tx, ctx, {
      action: 'response.undone',
      subject: { type: 'response', id },
      cause: row.ruleId,
      detail: { action: row.action, alert: row.alertId, agent: row.agentLabel },
    });
  });
}

const noSuchResponse = (): AppError =>
  new AppError('not_found', 'There is no such response in this tenant.');
