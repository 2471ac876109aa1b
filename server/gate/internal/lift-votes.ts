import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { stopLifts, stops } from '#db/schema/gate.ts';
import { memberships, users } from '#db/schema/tenancy.ts';
import { actorIdentity } from '#server/audit/write-audit.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { rolesAllow } from '#server/kernel/permissions.ts';
import type { LiftVote } from '../tally-lifts.ts';

export type StopRow = typeof stops.$inferSelect;

/** The stop, locked until the end of the transaction. @throws AppError `not_found`, `conflict` */
export async function lockStop(tx: Tx, ctx: Ctx, id: string): Promise<StopRow> {
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

/** Keeps that the actor says so, of one agent or (null) of all. */
export async function noteLift(
  tx: Tx,
  ctx: Ctx,
  stopId: string,
  agentId: string | null,
  reason: string,
): Promise<void> {
  const actor = actorIdentity(ctx.actor);
  await tx.insert(stopLifts).values({
    tenantId: ctx.tenantId,
    id: newId('lift'),
    stopId,
    agentId,
    actorType: ctx.actor.type,
    actorId: actor.id,
    actorLabel: actor.label,
    reason,
  });
}

/**
 * Who said so within the window, with whether they may still say it. Of one agent, what was said
 * before it last worked again has had its effect.
 */
export async function readLifts(
  tx: Tx,
  ctx: Ctx,
  stopId: string,
  agentId: string | null,
): Promise<LiftVote[]> {
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
        agentId === null ? isNull(stopLifts.agentId) : isUnspentFor(ctx, agentId),
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

function isUnspentFor(ctx: Ctx, agentId: string) {
  return and(
    eq(stopLifts.agentId, agentId),
    sql`not exists (select 1 from stop_resumptions r where r.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and r.stop_id = ${stopLifts.stopId} and r.agent_id = ${stopLifts.agentId}
      and r.at >= ${stopLifts.at})`,
  );
}

export const noSuchStop = () => new AppError('not_found', 'There is no such stop in this tenant.');
