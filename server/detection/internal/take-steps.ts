import { and, eq, inArray, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Tx } from '#db/client.ts';
import { alertChanges, alerts } from '#db/schema/detection.ts';
import { alertMoves, alertStates, type AlertState } from '#server/detection/contract.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';

/**
 * Takes an alert to another state, from a state that may lead there and from no other: whoever was
 * second is told what the alert has become. Records the change for lists and the feed.
 * @throws AppError `not_found`, `conflict`
 */
export async function moveAlert(
  tx: Tx,
  ctx: Ctx,
  id: string,
  to: AlertState,
  columns: PgUpdateSetSource<typeof alerts>,
): Promise<void> {
  const from = alertStates.filter((state) => alertMoves[state].some((next) => next === to));
  const ours = and(eq(alerts.tenantId, ctx.tenantId), eq(alerts.id, id));
  const moved = isId('alert', id)
    ? await tx
        .update(alerts)
        .set({ ...columns, state: to, updatedAt: sql`now()` })
        .where(and(ours, inArray(alerts.state, from)))
        .returning({ id: alerts.id })
    : [];
  if (moved.length === 0) throw await refusal(tx, ctx, id);
  await tx.insert(alertChanges).values({
    tenantId: ctx.tenantId,
    incarnation: sql`(select incarnation from log_incarnation)`,
    alertId: id,
    change: to === 'resolved' ? 'resolved' : 'updated',
  });
}

async function refusal(tx: Tx, ctx: Ctx, id: string): Promise<AppError> {
  const [row] = isId('alert', id)
    ? await tx
        .select({ state: alerts.state })
        .from(alerts)
        .where(and(eq(alerts.tenantId, ctx.tenantId), eq(alerts.id, id)))
    : [];
  if (!row) return new AppError('not_found', 'There is no such alert in this tenant.');
  return new AppError('conflict', `This alert is ${row.state} already; load it again.`, {
    extras: { state: row.state },
  });
}
