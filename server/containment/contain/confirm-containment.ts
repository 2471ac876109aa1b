import { and, eq, isNull, sql } from 'drizzle-orm';
import { containments } from '#db/schema/containment.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readStop } from '#server/gate/queries.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { carryOut } from './carry-out.ts';
import { hasLiveHoldings } from './read-waiting-cuts.ts';

/**
 * A person takes on to cut the credentials of a containment that somebody began who may not revoke; or, once
 * it was cut, what came since: an agent that joined what is stopped, or a credential that was added.
 * @throws AppError `forbidden`, `not_found`, `conflict` when it was released, or nothing waits to be cut
 */
export async function confirmContainment(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'credentials.revoke');
  if (!isId('containment', id)) throw noSuchContainment();
  const mine = and(eq(containments.tenantId, ctx.tenantId), eq(containments.id, id));
  const [row] = await withRead(ctx, (tx) => tx.select().from(containments).where(mine));
  if (!row) throw noSuchContainment();
  const isAgain = row.confirmedAt !== null;
  if (isAgain && !(await isLeftOver(ctx, row))) throw nothingWaits();
  await withTransaction(ctx, async (tx) => {
    // As it was read: of two who press at once, one takes it on.
    const asRead =
      row.confirmedAt === null
        ? isNull(containments.confirmedAt)
        : sql`${containments.cutAt} = ${row.cutAt}::timestamptz`;
    const [confirmed] = await tx
      .update(containments)
      .set({
        confirmedBy: actorIdentity(ctx.actor).label,
        confirmedAt: sql`clock_timestamp()`,
        cutAt: null,
        carriedOutAt: null,
      })
      .where(and(mine, asRead, isNull(containments.releasedAt)))
      .returning({ reason: containments.reason });
    if (!confirmed) throw nothingWaits();
    await writeAudit(tx, ctx, {
      action: 'containment.confirmed',
      subject: { type: 'containment', id },
      cause: confirmed.reason,
      detail: { isAgain },
    });
  });
  await carryOut(ctx, id);
}

/** Whether it was cut, and something under its stop is alive all the same. */
async function isLeftOver(ctx: Ctx, row: typeof containments.$inferSelect): Promise<boolean> {
  if (row.cutAt === null || row.stopId === null) return false;
  const stop = await readStop(ctx, row.stopId);
  if (stop.state === 'lifted') return false;
  return withRead(ctx, (tx) => hasLiveHoldings(tx, ctx, stop.scope));
}

const nothingWaits = (): AppError =>
  new AppError(
    'conflict',
    'Somebody has confirmed or released it already, and nothing came since.',
  );

/** What a foreign, a deleted and a made-up id are answered. */
export const noSuchContainment = (): AppError =>
  new AppError('not_found', 'There is no such containment in this tenant.');
