import { and, count, eq, isNotNull, ne, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { stops } from '#db/schema/gate.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { noteChange } from '#server/live/note-change.ts';
import type { PlacedScope, PlacedStop, PlaceStopInput } from './contract.ts';
import { drainStop } from './drain-stop.ts';
import { endResumptions } from './internal/end-resumptions.ts';
import { lockEpoch, nextEpoch } from './internal/next-epoch.ts';
import { resolveScope } from './resolve-scope.ts';

/**
 * Stops a scope, in two short steps. First the row: committed without the gate's lock, so that it
 * never waits, and every decision that begins after it refuses. Then the drain: it waits for what
 * began before, and only then is the stop acknowledged. A crash in between leaves `draining`, which
 * is enforced all the same and finished by any process.
 *
 * A second press keeps the first author, and is audited; `changed` says whether it raised the level.
 * @throws AppError `forbidden`, `not_found`, `conflict` when too many stops stand
 */
export async function placeStop(ctx: Ctx, wanted: PlaceStopInput): Promise<PlacedStop> {
  requirePermission(ctx, 'stops.place');
  return placeAndDrain(ctx, wanted);
}

/** An agent stops itself, and nothing else. @throws AppError `forbidden` */
export async function placeOwnStop(
  ctx: Ctx,
  wanted: Omit<PlaceStopInput, 'scope'>,
): Promise<PlacedStop> {
  requirePermission(ctx, 'stops.place_self');
  const agent = ctx.actor.type === 'key' ? ctx.actor.agent : null;
  if (agent === null) throw new AppError('forbidden', 'Only an agent’s own key stops itself.');
  return placeAndDrain(ctx, { ...wanted, scope: { kind: 'agent', id: agent.id } });
}

async function placeAndDrain(ctx: Ctx, wanted: PlaceStopInput): Promise<PlacedStop> {
  const placed = await withTransaction(ctx, (tx) => insertStop(tx, ctx, wanted));
  const state = placed.state === 'draining' ? await drainStop(ctx, placed.id) : placed.state;
  return { ...placed, state };
}

async function insertStop(tx: Tx, ctx: Ctx, wanted: PlaceStopInput): Promise<PlacedStop> {
  const scope = await resolveScope(tx, ctx, wanted.scope);
  await lockEpoch(tx, ctx);
  await endLapsed(tx, ctx, scope);
  const standing = await findStanding(tx, ctx, scope);
  if (standing) return repeatStop(tx, ctx, standing, { ...wanted, scope });
  await requireRoom(tx, ctx);
  const id = newId('stop');
  const epoch = await nextEpoch(tx, ctx);
  const actor = actorIdentity(ctx.actor);
  const [row] = await tx
    .insert(stops)
    .values({
      tenantId: ctx.tenantId,
      id,
      scopeKind: scope.kind,
      scopeId: scope.id,
      scopeLabel: scope.label,
      treeRootId: scope.kind === 'tree' ? scope.id : null,
      level: wanted.level,
      reason: wanted.reason,
      state: 'draining',
      epoch,
      placedByType: ctx.actor.type,
      placedById: actor.id,
      placedByLabel: actor.label,
    })
    .returning({ placedAt: stops.placedAt });
  await writeAudit(tx, ctx, {
    action: 'stop.placed',
    subject: { type: 'stop', id },
    cause: wanted.reason,
    detail: { scope, level: wanted.level, epoch },
  });
  await noteChange(tx, ctx, {
    noun: 'stop',
    subjectId: id,
    change: 'placed',
    agentId: scope.kind === 'agent' ? scope.id : null,
  });
  const placedAt = row?.placedAt ?? '';
  return { id, epoch, state: 'draining', changed: true, placedBy: actor.label, placedAt };
}

/**
 * Keeps the first author. A higher level is taken on: what asks for less never lowers one. Whoever was
 * let go on under it is covered again: whoever presses stop means all. For the same reason a lift that the
 * host has put forward is taken back: who pressed must not see the stop end by itself.
 */
async function repeatStop(
  tx: Tx,
  ctx: Ctx,
  { level, ...standing }: NonNullable<Awaited<ReturnType<typeof findStanding>>>,
  wanted: Omit<PlaceStopInput, 'scope'> & { readonly scope: PlacedScope },
): Promise<PlacedStop> {
  const isRaised = wanted.level > level;
  const again = await endResumptions(tx, ctx, standing.id, null, wanted.reason);
  const liftEpoch = await takeLiftBack(tx, ctx, standing.id);
  const epoch = liftEpoch ?? again.epoch;
  const changed = isRaised || epoch !== null;
  if (isRaised) {
    await tx
      .update(stops)
      .set({ level: wanted.level })
      .where(and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, standing.id)));
  }
  if (changed) {
    await noteChange(tx, ctx, {
      noun: 'stop',
      subjectId: standing.id,
      change: 'raised',
      agentId: wanted.scope.kind === 'agent' ? wanted.scope.id : null,
    });
  }
  const heldAgain = again.agentIds.length === 0 ? {} : { heldAgain: again.agentIds };
  const liftTakenBack = liftEpoch === null ? {} : { liftTakenBack: true };
  await writeAudit(tx, ctx, {
    action: isRaised ? 'stop.raised' : 'stop.repeated',
    subject: { type: 'stop', id: standing.id },
    cause: wanted.reason,
    detail: {
      scope: wanted.scope,
      from: level,
      to: wanted.level,
      changed,
      ...heldAgain,
      ...liftTakenBack,
    },
  });
  if (epoch === null) return { ...standing, changed };
  return { ...standing, changed, epoch, state: 'draining' };
}

/**
 * Takes back the lift that the host's command line has put forward. Its time may come while this runs, so
 * the stop drains anew, under a number that kills the permits of such a moment.
 * @returns that number; null where no lift lies ahead
 */
async function takeLiftBack(tx: Tx, ctx: Ctx, id: string): Promise<number | null> {
  const mine = and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, id), isNotNull(stops.liftedAt));
  const [ahead] = await tx.select({ id: stops.id }).from(stops).where(mine);
  if (!ahead) return null;
  const epoch = await nextEpoch(tx, ctx);
  await tx
    .update(stops)
    .set({ liftedAt: null, state: 'draining', acknowledgedAt: null, epoch })
    .where(mine);
  return epoch;
}

const ofScope = (ctx: Ctx, scope: PlacedScope) =>
  and(
    eq(stops.tenantId, ctx.tenantId),
    eq(stops.scopeKind, scope.kind),
    eq(stops.scopeId, scope.id),
    ne(stops.state, 'lifted'),
  );

/** A lift from the host takes effect by time; its row makes room here for the next stop. */
async function endLapsed(tx: Tx, ctx: Ctx, scope: PlacedScope): Promise<void> {
  await tx
    .update(stops)
    .set({ state: 'lifted' })
    .where(and(ofScope(ctx, scope), sql`${stops.liftedAt} <= clock_timestamp()`));
}

async function findStanding(tx: Tx, ctx: Ctx, scope: PlacedScope) {
  const [row] = await tx
    .select({
      id: stops.id,
      level: stops.level,
      epoch: stops.epoch,
      state: stops.state,
      placedBy: stops.placedByLabel,
      placedAt: stops.placedAt,
    })
    .from(stops)
    .where(ofScope(ctx, scope));
  return row;
}

async function requireRoom(tx: Tx, ctx: Ctx): Promise<void> {
  const [row] = await tx
    .select({ standing: count() })
    .from(stops)
    .where(and(eq(stops.tenantId, ctx.tenantId), ne(stops.state, 'lifted')));
  if ((row?.standing ?? 0) < limits.stopsMax) return;
  throw new AppError(
    'conflict',
    `${limits.stopsMax} stops stand already; stop the whole tenant instead.`,
  );
}
