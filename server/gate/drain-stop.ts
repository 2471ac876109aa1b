import { and, eq, sql } from 'drizzle-orm';
import type { StopState } from '#db/enums.ts';
import { stops } from '#db/schema/gate.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { isStoreError } from '#server/http/problem.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { noteChange } from '#server/live/note-change.ts';
import { takeGateAlone } from '#server/kernel/take-gate-alone.ts';

/**
 * Waits until everything that went through the gate before a stop is over, then acknowledges it: the
 * gate is taken alone once. Whatever takes it afterwards reads the stop. Any process may do it, and
 * twice does no harm. A holder that hangs is ended by Postgres after `limits.gateTransactionMs`.
 * @returns `draining` when the gate was not had within `limits.drainWaitMs`: enforced, but not proven
 * @throws AppError `forbidden`, `not_found`
 */
export async function drainStop(ctx: Ctx, id: string): Promise<StopState> {
  requirePermission(ctx, 'stops.finish');
  try {
    return await acknowledge(ctx, id);
  } catch (error) {
    if (isStoreError(error)) return 'draining';
    throw error;
  }
}

function acknowledge(ctx: Ctx, id: string): Promise<StopState> {
  return withTransaction(ctx, async (tx) => {
    await takeGateAlone(tx, ctx);
    const mine = and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, id));
    const [done] = await tx
      .update(stops)
      .set({ state: 'active', acknowledgedAt: sql`clock_timestamp()` })
      .where(and(mine, eq(stops.state, 'draining')))
      .returning({ scopeKind: stops.scopeKind, scopeId: stops.scopeId, placedAt: stops.placedAt });
    if (!done) {
      const [found] = await tx.select({ state: stops.state }).from(stops).where(mine);
      if (!found) throw new AppError('not_found', 'There is no such stop in this tenant.');
      return found.state;
    }
    await writeAudit(tx, ctx, {
      action: 'stop.acknowledged',
      subject: { type: 'stop', id },
      detail: { placedAt: done.placedAt },
    });
    await noteChange(tx, ctx, {
      noun: 'stop',
      subjectId: id,
      change: 'acknowledged',
      agentId: done.scopeKind === 'agent' ? done.scopeId : null,
    });
    return 'active';
  });
}
