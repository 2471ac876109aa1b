import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { agents } from '#db/schema/agents.ts';
import { stopResumptions } from '#db/schema/gate.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { noteChange } from '#server/live/note-change.ts';
import { type ResumeAgentAnswer, type ResumeAgentInput, resumableKinds } from './contract.ts';
import { coveredAgents } from './covered-agents.ts';
import { lockStop, noSuchStop, noteLift, readLifts, type StopRow } from './internal/lift-votes.ts';
import { lockEpoch, nextEpoch } from './internal/next-epoch.ts';
import { liftsNeeded, tallyLifts } from './tally-lifts.ts';

/**
 * Somebody says that one agent may work again while the stop that covers it stands, watched for
 * `limits.resumptionWatchMinutes`: the careful way out of a stop of many. It takes as many people as the
 * lift itself. Other stops that cover the agent go on covering it; what was issued to it before the stop
 * stays dead. One at a time is watched.
 * @throws AppError `forbidden`, `not_found`, `conflict` for a stop that is over or drains, an agent that
 *   works again already, or a watch that is not over; `unprocessable` for an agent that it does not hold
 */
export async function resumeAgent(ctx: Ctx, wanted: ResumeAgentInput): Promise<ResumeAgentAnswer> {
  requirePermission(ctx, 'stops.lift');
  if (ctx.actor.type !== 'person') throw new AppError('forbidden', 'Only people resume an agent.');
  if (!isId('stop', wanted.id)) throw noSuchStop();
  return withTransaction(ctx, async (tx) => {
    await lockEpoch(tx, ctx);
    const stop = await lockStop(tx, ctx, wanted.id);
    await requireHeld(tx, ctx, stop, wanted.agentId);
    await requireNoOther(tx, ctx, stop, wanted.agentId);
    await noteLift(tx, ctx, stop.id, wanted.agentId, wanted.reason);
    const votes = await readLifts(tx, ctx, stop.id, wanted.agentId);
    const { missing } = tallyLifts(stop.scopeKind, votes);
    const watchedUntil = missing > 0 ? null : await resume(tx, ctx, stop, wanted.agentId);
    const change = watchedUntil === null ? 'resume_requested' : 'resumed';
    await writeAudit(tx, ctx, {
      action: `stop.${change}`,
      subject: { type: 'stop', id: stop.id },
      cause: wanted.reason,
      detail: { agent: wanted.agentId, needed: liftsNeeded(stop.scopeKind), watchedUntil },
    });
    await noteChange(tx, ctx, {
      noun: 'stop',
      subjectId: stop.id,
      change,
      agentId: wanted.agentId,
    });
    return { missing, watchedUntil };
  });
}

async function requireHeld(tx: Tx, ctx: Ctx, stop: StopRow, agentId: string): Promise<void> {
  const { scopeKind: kind, scopeId: id, scopeLabel: label, liftedAt } = stop;
  if (!resumableKinds.has(kind)) {
    throw new AppError('unprocessable', 'This stop holds no more than one thing; lift it instead.');
  }
  const [held] = isId('agent', agentId)
    ? await tx.execute(sql`select 1 from ${agents} a where a.tenant_id = ${sql.param(ctx.tenantId, agents.tenantId)}
        and a.id = ${sql.param(agentId, agents.id)}
        and ${coveredAgents({ scope: { kind, id, label }, liftedAt })}`)
    : [];
  if (!held) throw new AppError('unprocessable', 'This stop does not hold such an agent.');
}

async function requireNoOther(tx: Tx, ctx: Ctx, stop: StopRow, agentId: string): Promise<void> {
  const open = await tx
    .select({
      agentId: stopResumptions.agentId,
      isWatched: sql<boolean>`${stopResumptions.watchedUntil} > clock_timestamp()`,
    })
    .from(stopResumptions)
    .where(
      and(
        eq(stopResumptions.tenantId, ctx.tenantId),
        eq(stopResumptions.stopId, stop.id),
        isNull(stopResumptions.endedAt),
      ),
    );
  if (open.some((one) => one.agentId === agentId)) {
    throw new AppError('conflict', 'This agent works again already.');
  }
  if (open.some((one) => one.isWatched)) {
    throw new AppError('conflict', 'Another agent is still watched; wait until its watch is over.');
  }
}

async function resume(tx: Tx, ctx: Ctx, stop: StopRow, agentId: string): Promise<string> {
  await nextEpoch(tx, ctx);
  const [row] = await tx
    .insert(stopResumptions)
    .values({
      tenantId: ctx.tenantId,
      stopId: stop.id,
      agentId,
      watchedUntil: sql`clock_timestamp() + make_interval(mins => ${limits.resumptionWatchMinutes})`,
    })
    .returning({ watchedUntil: stopResumptions.watchedUntil });
  if (!row) throw new Error('the resumption was not kept');
  return row.watchedUntil;
}
