import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { stops } from '#db/schema/gate.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { noteChange } from '#server/live/note-change.ts';
import type { LiftAnswer } from './contract.ts';
import { lockStop, noSuchStop, noteLift, readLifts, type StopRow } from './internal/lift-votes.ts';
import { lockEpoch, nextEpoch } from './internal/next-epoch.ts';
import { liftsNeeded, tallyLifts } from './tally-lifts.ts';

/**
 * Somebody says that a stop may be lifted. For a tenant or an environment a second, distinct person
 * has to say so within `limits.liftPairMinutes`; everything else one person lifts. From the host's
 * command line it takes effect after `limits.liftHostMinutes`, and everybody is told at once.
 * @throws AppError `forbidden`, `not_found`, `conflict` for a stop that is lifted already or whose
 *   drain is not over
 */
export async function liftStop(ctx: Ctx, id: string, reason: string): Promise<LiftAnswer> {
  requirePermission(ctx, 'stops.lift');
  if (!isId('stop', id)) throw noSuchStop();
  return withTransaction(ctx, async (tx) => {
    await lockEpoch(tx, ctx);
    const stop = await lockStop(tx, ctx, id);
    await noteLift(tx, ctx, id, null, reason);
    if (ctx.actor.type === 'cli') return liftLater(tx, ctx, stop, reason);
    const tally = tallyLifts(stop.scopeKind, await readLifts(tx, ctx, id, null));
    if (tally.missing > 0) {
      await tell(tx, ctx, stop, 'lift_requested', reason);
      return { state: stop.state, missing: tally.missing, liftedAt: null };
    }
    const liftedAt = await endStop(tx, ctx, id);
    await tell(tx, ctx, stop, 'lifted', reason);
    return { state: 'lifted', missing: 0, liftedAt };
  });
}

async function endStop(tx: Tx, ctx: Ctx, id: string): Promise<string> {
  await nextEpoch(tx, ctx);
  const [row] = await tx
    .update(stops)
    .set({ state: 'lifted', liftedAt: sql`clock_timestamp()` })
    .where(and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, id)))
    .returning({ liftedAt: stops.liftedAt });
  return row?.liftedAt ?? '';
}

/** The host's way for a team of one: everybody has time to object. A second call waits no longer. */
async function liftLater(tx: Tx, ctx: Ctx, stop: StopRow, reason: string): Promise<LiftAnswer> {
  const [row] = await tx
    .update(stops)
    .set({
      liftedAt: sql`coalesce(${stops.liftedAt},
        clock_timestamp() + make_interval(mins => ${limits.liftHostMinutes}))`,
    })
    .where(and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, stop.id)))
    .returning({ liftedAt: stops.liftedAt });
  await nextEpoch(tx, ctx);
  await tell(tx, ctx, stop, 'lift_requested', reason);
  return { state: stop.state, missing: 0, liftedAt: row?.liftedAt ?? null };
}

async function tell(
  tx: Tx,
  ctx: Ctx,
  stop: StopRow,
  change: 'lifted' | 'lift_requested',
  reason: string,
): Promise<void> {
  await writeAudit(tx, ctx, {
    action: `stop.${change}`,
    subject: { type: 'stop', id: stop.id },
    cause: reason,
    detail: { needed: liftsNeeded(stop.scopeKind) },
  });
  await noteChange(tx, ctx, {
    noun: 'stop',
    subjectId: stop.id,
    change,
    agentId: stop.scopeKind === 'agent' ? stop.scopeId : null,
  });
}
