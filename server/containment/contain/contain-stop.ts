import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import { containments } from '#db/schema/containment.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { PlacedStop, PlaceStopInput } from '#server/gate/contract.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { confirmation } from './begin-containment.ts';
import { carryOut } from './carry-out.ts';

/**
 * Places a stop and does what its level asks for beyond refusing: from level 3 on the credentials of what
 * it covers are cut, from level 4 on evidence is held before. Whoever may stop but not revoke has the
 * stop, and the cut waits for somebody who may.
 * @throws AppError as placing a stop does
 */
export async function placeStopOfLevel(ctx: Ctx, wanted: PlaceStopInput): Promise<PlacedStop> {
  requirePermission(ctx, 'stops.place');
  const placed = await placeStop(ctx, wanted);
  if (wanted.level >= limits.cutLevel) {
    await containStop(ctx, { id: placed.id, level: wanted.level, reason: wanted.reason });
  }
  return placed;
}

/**
 * Begins or goes on with what a standing stop of level 3 or 4 asks for; nothing where an agent's own
 * containment does the same. @throws AppError `forbidden`
 */
export async function containStop(
  ctx: Ctx,
  stop: { readonly id: string; readonly level: number; readonly reason: string },
): Promise<void> {
  requirePermission(ctx, 'containments.finish');
  const confirmed = confirmation(ctx);
  const id = await withTransaction(ctx, async (tx) => {
    const [covered] = await tx
      .select({ id: containments.id })
      .from(containments)
      .where(
        and(
          eq(containments.tenantId, ctx.tenantId),
          eq(containments.stopId, stop.id),
          isNotNull(containments.agentId),
          isNull(containments.releasedAt),
        ),
      );
    if (covered) return null;
    const [row] = await tx
      .insert(containments)
      .values({
        tenantId: ctx.tenantId,
        id: newId('containment'),
        stopId: stop.id,
        level: stop.level,
        reason: stop.reason,
        requestedByType: ctx.actor.type,
        requestedBy: actorIdentity(ctx.actor).label,
        ...confirmed,
      })
      .onConflictDoUpdate({
        target: [containments.tenantId, containments.stopId],
        targetWhere: sql`agent_id is null`,
        set: {
          level: sql`greatest(${containments.level}, excluded.level)`,
          confirmedBy: sql`coalesce(${containments.confirmedBy}, excluded.confirmed_by)`,
          confirmedAt: sql`coalesce(${containments.confirmedAt}, excluded.confirmed_at)`,
          // Not again on somebody else's earlier word: a service key presses as often as it likes.
          ...(confirmed === null ? {} : { cutAt: null }),
          carriedOutAt: null,
        },
      })
      .returning({ id: containments.id });
    if (!row) throw new Error('the containment of a stop was not written');
    await writeAudit(tx, ctx, {
      action: 'containment.begun',
      subject: { type: 'containment', id: row.id },
      cause: stop.reason,
      detail: { stop: stop.id, level: stop.level, isConfirmed: confirmed !== null },
    });
    return row.id;
  });
  if (id !== null) await carryOut(ctx, id);
}
