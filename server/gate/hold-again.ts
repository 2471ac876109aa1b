import { and, eq, ne, sql } from 'drizzle-orm';
import { stops } from '#db/schema/gate.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { noteChange } from '#server/live/note-change.ts';
import type { HoldAgainAnswer, ResumeAgentInput } from './contract.ts';
import { drainStop } from './drain-stop.ts';
import { endResumptions } from './internal/end-resumptions.ts';
import { noSuchStop } from './internal/lift-votes.ts';
import { lockEpoch } from './internal/next-epoch.ts';

/**
 * Lets the stop cover an agent again that had gone first: in force from the commit on, acknowledged
 * after the drain, as a new stop is. A second call changes nothing; like the second press of a stop it
 * finishes a drain that the first began and did not live to finish.
 * @throws AppError `forbidden`, `not_found`, `conflict` for a stop that is lifted
 */
export async function holdAgain(ctx: Ctx, wanted: ResumeAgentInput): Promise<HoldAgainAnswer> {
  requirePermission(ctx, 'stops.place');
  if (!isId('stop', wanted.id)) throw noSuchStop();
  const held = await withTransaction(ctx, async (tx) => {
    await lockEpoch(tx, ctx);
    const [stop] = await tx
      .select({
        id: stops.id,
        state: stops.state,
        isStanding: sql<boolean>`${and(ne(stops.state, 'lifted'), sql`coalesce(${stops.liftedAt} > clock_timestamp(), true)`)}`,
      })
      .from(stops)
      .where(and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, wanted.id)));
    if (!stop) throw noSuchStop();
    if (!stop.isStanding) throw new AppError('conflict', 'This stop is lifted; place a new one.');
    const untouched = { changed: false, state: stop.state };
    if (!isId('agent', wanted.agentId)) return untouched;
    const { agentIds, epoch } = await endResumptions(
      tx,
      ctx,
      stop.id,
      wanted.agentId,
      wanted.reason,
    );
    if (agentIds.length === 0) return untouched;
    await writeAudit(tx, ctx, {
      action: 'stop.held_again',
      subject: { type: 'stop', id: stop.id },
      cause: wanted.reason,
      detail: { agents: agentIds, epoch },
    });
    // Told as a raised stop is: to whoever it covers, with its new number.
    await noteChange(tx, ctx, {
      noun: 'stop',
      subjectId: stop.id,
      change: 'raised',
      agentId: null,
    });
    return { changed: true, state: 'draining' as const };
  });
  if (held.state !== 'draining') return held;
  return { changed: held.changed, state: await drainStop(ctx, wanted.id) };
}
