import { and, eq } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { alertChanges, alertEvidence, alerts } from '#db/schema/detection.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { orderResponse } from '#server/containment/respond/order-response.ts';
import { alertIdOf } from '#server/detection/alert-id.ts';
import { mergeReadings } from '#server/detection/baseline/merge-readings.ts';
import {
  type BaselineReading,
  baselineReadingSchema,
} from '#server/detection/baseline/readings.ts';
import { addEvidence, type AlertLife } from '#server/detection/alert-state.ts';
import { groupKeyOf } from '#server/detection/evaluate-event.ts';
import type { HoldIncident } from '#server/detection/internal/read-hold-incidents.ts';
import type { LocatedEvent } from '#server/detection/internal/locate-evidence.ts';
import { noteShadowMatch } from '#server/detection/internal/note-shadow-match.ts';
import type { PackSource } from '#server/detection/rule-pack.ts';
import type { CompiledRule } from '#server/detection/sigma/compiled-rule.ts';
import { labelsOf } from '#server/detection/taxonomies.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import { tellAlertOpened } from '#server/live/alert-signals.ts';

/** New evidence of one alert: everything that a batch found for the same rule, group and window. */
export interface AlertMatch {
  readonly source: PackSource;
  readonly rule: CompiledRule;
  readonly group: readonly string[];
  /** Event time, milliseconds; 0 where the group is its own window. */
  readonly windowStart: number;
  readonly evidence: readonly (LocatedEvent & { readonly isLate: boolean })[];
  /** What the alert stands on beside events. */
  readonly incidents?: readonly HoldIncident[];
  /** What was unusual, with the numbers. */
  readonly readings?: readonly BaselineReading[];
}

/** What an alert says of why it fired, as it lies in `alerts.explanation`. */
export const explanationSchema = z.object({
  ruleKey: z.string(),
  description: z.string(),
  falsePositives: z.array(z.string()),
  group: z.array(z.object({ field: z.string(), value: z.string() })),
  windowStart: z.number(),
  generation: z.number().int(),
  /** Earliest traces with the event time at which each first took part. */
  traces: z.array(z.object({ id: z.string(), at: z.number() })),
  /** Events that came after their window had closed. */
  lateEventIds: z.array(z.string()),
  /** Actions that it is about, the first ones. */
  actionIds: z.array(z.string()).default([]),
  /** What was unusual, with the numbers, at most `limits.alertReadingsMax`. */
  readings: z.array(baselineReadingSchema).default([]),
});
export type AlertExplanation = z.infer<typeof explanationSchema>;

/**
 * Opens or grows the alerts of a batch in the detector's own transaction. The id of an alert is a
 * hash of what it is the alert of, so a batch that is done again after a crash finds its own alerts.
 * A match whose alert has been resolved opens the next generation. What a rule in the shadow would
 * have opened is only noted. @throws AppError `forbidden`
 */
export async function raiseAlerts(tx: Tx, ctx: Ctx, matches: readonly AlertMatch[]): Promise<void> {
  requirePermission(ctx, 'alerts.raise');
  for (const match of matches) {
    if (match.source.isShadow === true) await noteShadowMatch(tx, ctx, match);
    else await raiseAlert(tx, ctx, match);
  }
}

type AlertRow = typeof alerts.$inferSelect;

async function raiseAlert(tx: Tx, ctx: Ctx, match: AlertMatch): Promise<void> {
  const { row, generation, id } = await findLatest(tx, ctx, match);
  const previous = row === null ? null : lifeOf(row);
  const fresh = [
    ...match.evidence.map(({ startedAt, traceId }) => ({ at: Date.parse(startedAt), traceId })),
    ...(match.incidents ?? []).map(({ atMs, traceId }) => ({ at: atMs, traceId })),
  ];
  const { next, emit } = addEvidence(previous, fresh);
  const known = row === null ? null : explanationSchema.parse(row.explanation);
  const explanation = explain(match, generation, next, known);
  if (row === null) await insertAlert(tx, ctx, match, id, next, explanation);
  else await growAlert(tx, ctx, match, row, next, explanation);
  await insertEvidence(tx, ctx, match, id, row?.count ?? 0);
  await tx.insert(alertChanges).values({
    tenantId: ctx.tenantId,
    incarnation: sql`(select incarnation from log_incarnation)`,
    alertId: id,
    change: emit,
  });
  if (emit === 'opened') {
    await tellAlertOpened(tx, ctx, id);
    const { severity, title, response } = match.rule;
    await writeAudit(tx, ctx, {
      action: 'alert.opened',
      subject: { type: 'alert', id },
      risk: severity,
      cause: match.source.ruleId,
      detail: { title, ruleVersion: match.source.version, events: next.count },
    });
    if (response !== null) {
      await orderResponse(tx, ctx, {
        alertId: id,
        ruleId: match.source.ruleId,
        ruleVersion: match.source.version,
        ruleTitle: title,
        action: response,
        // What happened at our own doors needs no word of the agent's.
        doers: [
          ...match.evidence,
          ...(match.incidents ?? []).map((one) => ({ ...one, isVerified: true })),
        ],
      });
    }
  }
}

/** The alert that new evidence belongs to: the first generation that is not resolved. */
async function findLatest(
  tx: Tx,
  ctx: Ctx,
  match: AlertMatch,
): Promise<{ row: AlertRow | null; generation: number; id: string }> {
  for (let generation = 0; ; generation += 1) {
    const id = alertIdOf({
      ruleId: match.source.ruleId,
      ruleVersion: match.source.version,
      ruleKey: match.rule.key,
      group: match.group,
      windowStart: match.windowStart,
      generation,
    });
    // Locked: a person who resolves it at this moment waits, and then finds the evidence counted.
    const [row] = await tx
      .select()
      .from(alerts)
      .where(and(eq(alerts.tenantId, ctx.tenantId), eq(alerts.id, id)))
      .for('update');
    if (row === undefined) return { row: null, generation, id };
    if (row.state !== 'resolved') return { row, generation, id };
  }
}

function lifeOf(row: AlertRow): AlertLife {
  return {
    state: row.state,
    count: row.count,
    firstAt: Date.parse(row.firstAt),
    lastAt: Date.parse(row.lastAt),
    traces: explanationSchema.parse(row.explanation).traces,
    verdict: row.verdict,
  };
}

function explain(
  match: AlertMatch,
  generation: number,
  next: AlertLife,
  known: AlertExplanation | null,
): AlertExplanation {
  const { rule, group, windowStart, evidence } = match;
  const fields = rule.kind === 'detection' ? rule.groupBy : rule.plan.groupBy;
  const late = evidence.filter((item) => item.isLate).map((item) => item.eventId);
  return {
    ruleKey: rule.key,
    description: rule.description,
    falsePositives: [...rule.falsePositives],
    group: fields.map((field, index) => ({ field, value: group[index] ?? '' })),
    windowStart,
    generation,
    traces: [...next.traces],
    lateEventIds: [...(known?.lateEventIds ?? []), ...late].slice(0, limits.alertEvidenceMax),
    actionIds: [
      ...new Set([
        ...(known?.actionIds ?? []),
        ...(match.incidents ?? []).flatMap(({ actionId }) => actionId ?? []),
      ]),
    ].slice(0, limits.alertActionsMax),
    readings: mergeReadings(known?.readings ?? [], match.readings ?? []),
  };
}

/** Whose doing it is: agent and session of the earliest event, else of the earliest incident. */
function originOf(match: AlertMatch) {
  const [event] = match.evidence.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const [incident] = (match.incidents ?? []).toSorted((a, b) => a.atMs - b.atMs);
  const first = event ?? incident;
  return {
    agentId: first?.agentId ?? null,
    agentSlug: first?.agentSlug ?? null,
    sessionId: first?.sessionId ?? null,
  };
}

async function insertAlert(
  tx: Tx,
  ctx: Ctx,
  match: AlertMatch,
  id: string,
  next: AlertLife,
  explanation: AlertExplanation,
): Promise<void> {
  await tx.insert(alerts).values({
    tenantId: ctx.tenantId,
    id,
    ruleId: match.source.ruleId,
    ruleVersion: match.source.version,
    groupKey: groupKeyOf(match.group),
    severity: match.rule.severity,
    state: next.state,
    title: match.rule.title,
    explanation,
    ...originOf(match),
    traceIds: next.traces.map((trace) => trace.id),
    labels: labelsOf(match.rule.tags),
    firstAt: new Date(next.firstAt).toISOString(),
    lastAt: new Date(next.lastAt).toISOString(),
    count: next.count,
  });
}

async function growAlert(
  tx: Tx,
  ctx: Ctx,
  match: AlertMatch,
  row: AlertRow,
  next: AlertLife,
  explanation: AlertExplanation,
): Promise<void> {
  const isEarlier = next.firstAt < Date.parse(row.firstAt);
  await tx
    .update(alerts)
    .set({
      explanation,
      ...(isEarlier ? originOf(match) : {}),
      traceIds: next.traces.map((trace) => trace.id),
      firstAt: new Date(next.firstAt).toISOString(),
      lastAt: new Date(next.lastAt).toISOString(),
      count: next.count,
      updatedAt: sql`now()`,
    })
    .where(and(eq(alerts.tenantId, ctx.tenantId), eq(alerts.id, row.id)));
}

/** Keeps the first `limits.alertEvidenceMax` to arrive; the count goes on beyond them. */
async function insertEvidence(
  tx: Tx,
  ctx: Ctx,
  match: AlertMatch,
  id: string,
  before: number,
): Promise<void> {
  const kept = match.evidence.slice(0, Math.max(0, limits.alertEvidenceMax - before));
  if (kept.length === 0) return;
  await tx
    .insert(alertEvidence)
    .values(
      kept.map((event) => ({
        tenantId: ctx.tenantId,
        alertId: id,
        incarnation: event.incarnation,
        eventXid: event.xid,
        eventSeq: event.seq,
        receivedOn: event.receivedOn,
        eventId: event.eventId,
        traceId: event.traceId,
        startedAt: event.startedAt,
      })),
    )
    .onConflictDoNothing();
}
