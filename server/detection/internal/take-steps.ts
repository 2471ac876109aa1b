import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Tx } from '#db/client.ts';
import { alertChanges, alerts, alertSteps } from '#db/schema/detection.ts';
import { actorIdentity } from '#server/audit/write-audit.ts';
import {
  alertMoves,
  type AlertState,
  type AlertStepKind,
  type StepDetail,
  type StepsTaken,
} from '#server/detection/contract.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId } from '#server/kernel/ids.ts';

export type AlertRow = typeof alerts.$inferSelect;

/** The columns that people change: what a step remembers of before, and what undoing brings back. */
export const humanColumns = [
  'state',
  'acknowledgedBy',
  'acknowledgedAt',
  'resolvedBy',
  'resolvedAt',
  'verdict',
  'note',
  'snoozedUntil',
  'escalatesAt',
  'assigneeId',
] as const satisfies readonly (keyof AlertRow)[];

/** A step that may be taken with several alerts at once. */
export interface AlertStep {
  readonly kind: AlertStepKind;
  readonly detail: StepDetail;
  readonly columns: PgUpdateSetSource<typeof alerts>;
  /** Why this alert cannot take the step, one sentence; null when it can. */
  readonly refuse: (row: AlertRow) => string | null;
}

/** Refuses a step to another state where `alertMoves` has none; says what the alert has become. */
export function refuseMove(to: AlertState): AlertStep['refuse'] {
  return ({ state }) => {
    const next: readonly AlertState[] = alertMoves[state];
    return next.includes(to) ? null : `This alert is ${state} already; load it again.`;
  };
}

/** Refuses what makes sense only for an alert that still needs somebody. */
export function refuseResolved({ state }: AlertRow): string | null {
  return state === 'resolved' ? 'This alert is resolved.' : null;
}

/** The alerts of these ids, locked in the order of their ids. @throws AppError `not_found` */
export async function lockAlerts(tx: Tx, ctx: Ctx, ids: readonly string[]): Promise<AlertRow[]> {
  const wanted = [...new Set(ids)];
  const rows = wanted.every((id) => isId('alert', id))
    ? await tx
        .select()
        .from(alerts)
        .where(and(eq(alerts.tenantId, ctx.tenantId), inArray(alerts.id, wanted)))
        .orderBy(asc(alerts.id))
        .for('update')
    : [];
  if (rows.length < wanted.length) {
    throw new AppError('not_found', 'There is no such alert in this tenant.');
  }
  return rows;
}

/**
 * Takes a step with each of these alerts that may take it; the others are answered with their
 * reason, because somebody else was quicker with them. History and change rows come with it, the
 * audit rows are the caller's. @throws AppError `not_found` when one of them is not there at all
 */
export async function takeSteps(
  tx: Tx,
  ctx: Ctx,
  ids: readonly string[],
  step: AlertStep,
): Promise<StepsTaken> {
  const rows = await lockAlerts(tx, ctx, ids);
  const judged = rows.map((row) => ({ row, reason: step.refuse(row) }));
  const taking = judged.flatMap(({ row, reason }) => (reason === null ? [row] : []));
  const refused = judged.flatMap(({ row, reason }) =>
    reason === null ? [] : [{ id: row.id, state: row.state, reason }],
  );
  const batch = newId('triage');
  const done = taking.map((row) => row.id);
  if (done.length > 0) {
    await tx
      .update(alerts)
      .set({ ...step.columns, updatedAt: sql`now()` })
      .where(and(eq(alerts.tenantId, ctx.tenantId), inArray(alerts.id, done)));
    await recordSteps(tx, ctx, taking, { batch, kind: step.kind, detail: step.detail });
  }
  return { done, refused, batch };
}

/** Writes the history of a step, and the change that lists and the feed go by. */
export async function recordSteps(
  tx: Tx,
  ctx: Ctx,
  before: readonly AlertRow[],
  step: { readonly batch: string; readonly kind: AlertStepKind; readonly detail: StepDetail },
): Promise<void> {
  const actor = actorIdentity(ctx.actor);
  await tx.insert(alertSteps).values(
    before.map((row) => ({
      tenantId: ctx.tenantId,
      alertId: row.id,
      ...step,
      actorType: ctx.actor.type,
      actorId: actor.id,
      actorLabel: actor.label,
      before: Object.fromEntries(humanColumns.map((column) => [column, row[column]])),
    })),
  );
  await tx.insert(alertChanges).values(
    before.map((row) => ({
      tenantId: ctx.tenantId,
      incarnation: sql`(select incarnation from log_incarnation)`,
      alertId: row.id,
      change: step.kind === 'resolved' ? ('resolved' as const) : ('updated' as const),
    })),
  );
}
