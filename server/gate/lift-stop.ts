import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { stopLifts, stops } from '#db/schema/gate.ts';
import { memberships, users } from '#db/schema/tenancy.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { rolesAllow } from '#server/kernel/permissions.ts';
import { noteChange } from '#server/live/note-change.ts';
import type { LiftAnswer } from './contract.ts';
import { lockEpoch, nextEpoch } from './internal/next-epoch.ts';
import { type LiftVote, liftsNeeded, tallyLifts } from './tally-lifts.ts';

type StopRow = typeof stops.$inferSelect;

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
    await noteLift(tx, ctx, id, reason);
    if (ctx.actor.type === 'cli') return liftLater(tx, ctx, stop, reason);
    const tally = tallyLifts(stop.scopeKind, await readLifts(tx, ctx, id));
    if (tally.missing > 0) {
      await tell(tx, ctx, stop, 'lift_requested', reason);
      return { state: stop.state, missing: tally.missing, liftedAt: null };
    }
    const liftedAt = await endStop(tx, ctx, id);
    await tell(tx, ctx, stop, 'lifted', reason);
    return { state: 'lifted', missing: 0, liftedAt };
  });
}

async function lockStop(tx: Tx, ctx: Ctx, id: string): Promise<StopRow> {
  const [found] = await tx
    .select({
      stop: stops,
      isOver: sql<boolean>`coalesce(${stops.liftedAt} <= clock_timestamp(), false)`,
    })
    .from(stops)
    .where(and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, id)))
    .for('update');
  if (!found) throw noSuchStop();
  if (found.isOver || found.stop.state === 'lifted') {
    throw new AppError('conflict', 'This stop is lifted already.');
  }
  if (found.stop.state === 'draining') {
    throw new AppError('conflict', 'The drain of this stop is not over; lift it once it is.');
  }
  return found.stop;
}

async function noteLift(tx: Tx, ctx: Ctx, stopId: string, reason: string): Promise<void> {
  const actor = actorIdentity(ctx.actor);
  await tx.insert(stopLifts).values({
    tenantId: ctx.tenantId,
    id: newId('lift'),
    stopId,
    actorType: ctx.actor.type,
    actorId: actor.id,
    actorLabel: actor.label,
    reason,
  });
}

/** Who said so within the window, with whether they may still say it. */
async function readLifts(tx: Tx, ctx: Ctx, stopId: string): Promise<LiftVote[]> {
  const rows = await tx
    .select({
      actorId: stopLifts.actorId,
      label: stopLifts.actorLabel,
      isInTime: sql<boolean>`${stopLifts.at} > clock_timestamp() - make_interval(mins => ${limits.liftPairMinutes})`,
    })
    .from(stopLifts)
    .where(
      and(
        eq(stopLifts.tenantId, ctx.tenantId),
        eq(stopLifts.stopId, stopId),
        eq(stopLifts.actorType, 'person'),
      ),
    );
  const ids = [...new Set(rows.map((row) => row.actorId))];
  if (ids.length === 0) return [];
  const people = await tx
    .select({ id: users.id, email: users.email, roles: memberships.roles })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.tenantId, ctx.tenantId), inArray(users.id, ids)));
  const byId = new Map(people.map((person) => [person.id, person]));
  return rows.map((row) => {
    const person = byId.get(row.actorId);
    const roles = (person?.roles ?? []) as Parameters<typeof rolesAllow>[0];
    return {
      email: person?.email ?? row.label,
      isInTime: row.isInTime,
      isEntitled: person !== undefined && rolesAllow(roles, 'stops.lift'),
    };
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

const noSuchStop = () => new AppError('not_found', 'There is no such stop in this tenant.');
