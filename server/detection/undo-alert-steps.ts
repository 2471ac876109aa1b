import { and, desc, eq, inArray, ne, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { alertStates, alertVerdicts } from '#db/enums.ts';
import { alerts, alertSteps } from '#db/schema/detection.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { AlertStepKind, StepsTaken } from '#server/detection/contract.ts';
import { type AlertRow, lockAlerts, recordSteps } from '#server/detection/internal/take-steps.ts';
import { explanationSchema } from '#server/detection/raise-alert.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/** `alert_steps.before`: see `humanColumns`. */
const beforeSchema = z.object({
  state: z.enum(alertStates),
  acknowledgedBy: z.string().nullable(),
  acknowledgedAt: z.string().nullable(),
  resolvedBy: z.string().nullable(),
  resolvedAt: z.string().nullable(),
  verdict: z.enum(alertVerdicts).nullable(),
  note: z.string().nullable(),
  snoozedUntil: z.string().nullable(),
  escalatesAt: z.number().nullable(),
  assigneeId: z.string().nullable(),
});
type Before = z.output<typeof beforeSchema>;

/**
 * Takes back steps of a moment ago, one's own or a colleague's: a compensating step with its own line in history and
 * audit, which gives each alert the columns that it had before. An alert that somebody has touched
 * since, or that has opened anew since it was resolved, stays and is answered with the reason.
 * @throws AppError `forbidden`; `not_found` for a batch that is none or too long ago
 */
export async function undoAlertSteps(ctx: Ctx, batch: string): Promise<StepsTaken> {
  requirePermission(ctx, 'alerts.triage');
  return withTransaction(ctx, async (tx) => {
    const { kind, before } = await readBatch(tx, ctx, batch);
    const rows = await lockAlerts(tx, ctx, [...before.keys()]);
    const latest = await latestBatches(tx, ctx, [...before.keys()]);
    const undo = newId('triage');
    const done: AlertRow[] = [];
    const refused: StepsTaken['refused'][number][] = [];
    for (const row of rows) {
      const was = before.get(row.id);
      if (was === undefined) continue;
      const reason =
        latest.get(row.id) === batch ? await refuseReopening(tx, ctx, row, was) : changedSince;
      if (reason !== null) refused.push({ id: row.id, state: row.state, reason });
      else {
        await tx
          .update(alerts)
          .set({ ...was, updatedAt: sql`now()` })
          .where(and(eq(alerts.tenantId, ctx.tenantId), eq(alerts.id, row.id)));
        done.push(row);
      }
    }
    if (done.length > 0) {
      await recordSteps(tx, ctx, done, { batch: undo, kind: 'undone', detail: { undone: kind } });
    }
    for (const { id } of done) {
      await writeAudit(tx, ctx, {
        action: 'alert.undone',
        subject: { type: 'alert', id },
        detail: { undone: kind },
      });
    }
    return { done: done.map(({ id }) => id), refused, batch: undo };
  });
}

const changedSince = 'Somebody has changed this alert since.';

async function readBatch(
  tx: Tx,
  ctx: Ctx,
  batch: string,
): Promise<{ kind: AlertStepKind; before: ReadonlyMap<string, Before> }> {
  const rows = isId('triage', batch)
    ? await tx
        .select({ alertId: alertSteps.alertId, kind: alertSteps.kind, before: alertSteps.before })
        .from(alertSteps)
        .where(
          and(
            eq(alertSteps.tenantId, ctx.tenantId),
            eq(alertSteps.batch, batch),
            ne(alertSteps.kind, 'commented'),
            ne(alertSteps.kind, 'undone'),
            sql`${alertSteps.at} > now() - make_interval(mins => ${limits.alertUndoMinutes})`,
          ),
        )
    : [];
  const [first] = rows;
  if (first === undefined) {
    throw new AppError(
      'not_found',
      `There is nothing to undo: only steps of the last ${limits.alertUndoMinutes} minutes can be.`,
    );
  }
  const before = new Map(rows.map((row) => [row.alertId, beforeSchema.parse(row.before)]));
  return { kind: first.kind, before };
}

/** The batch of each alert's last step; comments change nothing and do not count. */
async function latestBatches(
  tx: Tx,
  ctx: Ctx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx
    .selectDistinctOn([alertSteps.alertId], {
      alertId: alertSteps.alertId,
      batch: alertSteps.batch,
    })
    .from(alertSteps)
    .where(
      and(
        eq(alertSteps.tenantId, ctx.tenantId),
        inArray(alertSteps.alertId, [...ids]),
        ne(alertSteps.kind, 'commented'),
      ),
    )
    .orderBy(alertSteps.alertId, desc(alertSteps.seq));
  return new Map(rows.map((row) => [row.alertId, row.batch]));
}

/** A resolved alert whose burst went on has a successor; both open would be one burst twice. */
async function refuseReopening(
  tx: Tx,
  ctx: Ctx,
  row: AlertRow,
  was: Before,
): Promise<string | null> {
  if (row.state !== 'resolved' || was.state === 'resolved') return null;
  const { ruleKey, windowStart, generation } = explanationSchema.parse(row.explanation);
  const [successor] = await tx
    .select({ id: alerts.id })
    .from(alerts)
    .where(
      and(
        eq(alerts.tenantId, ctx.tenantId),
        eq(alerts.ruleId, row.ruleId),
        eq(alerts.ruleVersion, row.ruleVersion),
        eq(alerts.groupKey, row.groupKey),
        sql`${alerts.explanation} @> ${JSON.stringify({ ruleKey, windowStart, generation: generation + 1 })}::jsonb`,
      ),
    )
    .limit(1);
  return successor === undefined ? null : 'It has opened again since, as another alert.';
}
