import { and, asc, count, desc, eq, gte, inArray, isNull, lt, min, ne, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { alertChanges, alertEvidence, alerts, alertSteps, rules } from '#db/schema/detection.ts';
import { events } from '#db/schema/telemetry.ts';
import { users } from '#db/schema/tenancy.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import {
  type Alert,
  type AlertAttention,
  type AlertCounts,
  type AlertDetail,
  type AlertFilters,
  alertIdSchema,
  type alertFeedInputSchema,
  type listAlertsInputSchema,
} from '#server/detection/contract.ts';
import { presentAlert, presentAlertDetail, type StepRow } from '#server/detection/present.ts';
import { describeSeenCanaries, selectSeenCanaries } from '#server/detection/read-alert-canaries.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { decodePosition, encodePosition, startPosition } from '#server/telemetry/position.ts';

export interface AlertPage {
  readonly items: Alert[];
  readonly next: string | null;
}

/** The last change of an alert: what a list says of its position. */
const lastChange = sql`lateral (
  select incarnation, xid::text as xid, seq::float8 as seq, change from alert_changes c
  where tenant_id = ${alerts.tenantId} and alert_id = ${alerts.id}
  order by c.xid desc, c.seq desc limit 1) as last`;

/**
 * Whether an alert asks for somebody now: the one place that says so. Both ends of being set aside
 * are derived, a snooze's from the clock and an archive's from the count; null once resolved.
 */
const attention = sql<AlertAttention | null>`case
  when ${alerts.state} = 'resolved' then null
  when ${alerts.snoozedUntil} > now() then 'snoozed'
  when ${alerts.count} < ${alerts.escalatesAt} then 'archived'
  else 'due' end`;

/** Whose an alert is, where that is a member. */
const assignee = { id: users.id, name: users.name, email: users.email };
const isAssignee = eq(users.id, alerts.assigneeId);

/** Ids of an alert's earliest events. */
const firstEvents = sql<string[]>`array(
  select event_id from alert_evidence
  where tenant_id = ${alerts.tenantId} and alert_id = ${alerts.id}
  order by started_at, event_id limit ${limits.alertListEvidenceMax})`;

function selectAlerts(tx: Tx) {
  return tx
    .select({
      row: alerts,
      rule: rules.slug,
      attention,
      assignee,
      incarnation: sql<number>`last.incarnation`,
      xid: sql<string>`last.xid`,
      seq: sql<number>`last.seq`,
      change: sql<Alert['change']>`last.change`,
      eventIds: firstEvents,
    })
    .from(alerts)
    .innerJoin(rules, and(eq(rules.tenantId, alerts.tenantId), eq(rules.id, alerts.ruleId)))
    .leftJoin(users, isAssignee)
    .innerJoin(lastChange, sql`true`);
}

type Selected = Awaited<ReturnType<typeof selectAlerts>>[number];

function contextOf(selected: Selected) {
  const { incarnation, xid, seq, ...context } = selected;
  return { ...context, at: { incarnation, xid, seq } };
}

/** What a list of alerts is narrowed by; over `alerts` joined with `rules` and, loosely, `users`. */
export function alertConditions(ctx: Ctx, filters: AlertFilters) {
  return [
    eq(alerts.tenantId, ctx.tenantId),
    filters.states.length > 0 ? inArray(alerts.state, filters.states) : undefined,
    filters.attentions.length > 0 ? inArray(attention, filters.attentions) : undefined,
    filters.assignee ? isOf(ctx, filters.assignee) : undefined,
    filters.label ? sql`${filters.label} = any(${alerts.labels})` : undefined,
    filters.severities.length > 0 ? inArray(alerts.severity, filters.severities) : undefined,
    filters.rule ? eq(rules.slug, filters.rule) : undefined,
    filters.agent ? eq(alerts.agentSlug, filters.agent) : undefined,
    filters.from ? gte(alerts.lastAt, filters.from) : undefined,
    filters.until ? lt(alerts.lastAt, filters.until) : undefined,
    filters.traceId
      ? sql`exists (select 1 from alert_evidence e where e.tenant_id = ${alerts.tenantId}
          and e.alert_id = ${alerts.id} and e.trace_id = ${filters.traceId}::uuid)`
      : undefined,
  ];
}

function isOf(ctx: Ctx, wanted: string) {
  // Somebody who has left the tenant has nothing any more: the join finds nobody.
  if (wanted === 'nobody') return isNull(users.id);
  if (wanted !== 'me') return eq(alerts.assigneeId, wanted);
  return ctx.actor.type === 'person' ? eq(alerts.assigneeId, ctx.actor.userId) : sql`false`;
}

/**
 * A page of alerts, latest change first. @throws AppError `forbidden`, `bad_request` for a cursor
 * that this list did not give out
 */
export async function listAlerts(
  ctx: Ctx,
  input: z.output<typeof listAlertsInputSchema>,
): Promise<AlertPage> {
  requirePermission(ctx, 'alerts.read');
  const rows = await withRead(ctx, (tx) =>
    selectAlerts(tx)
      .where(and(...alertConditions(ctx, input), input.cursor ? before(input.cursor) : undefined))
      .orderBy(desc(alerts.updatedAt), asc(alerts.id))
      .limit(input.limit + 1),
  );
  const items = rows.slice(0, input.limit);
  const last = items.at(-1)?.row;
  const hasMore = rows.length > input.limit && last !== undefined;
  return {
    items: items.map((item) => presentAlert(item.row, contextOf(item))),
    next: hasMore ? `${last.updatedAt}~${last.id}` : null,
  };
}

function before(cursor: string) {
  const [updatedAt = '', id = ''] = cursor.split('~');
  const isOurs = !Number.isNaN(Date.parse(updatedAt)) && alertIdSchema.safeParse(id).success;
  if (!isOurs) throw new AppError('bad_request', 'The cursor is none that this list gave out.');
  return sql`(${alerts.updatedAt} < ${updatedAt}::timestamptz
    or (${alerts.updatedAt} = ${updatedAt}::timestamptz and ${alerts.id} > ${sql.param(id, alerts.id)}))`;
}

/** One alert with its evidence. @throws AppError `forbidden`, `not_found` */
export async function readAlert(ctx: Ctx, id: string): Promise<AlertDetail> {
  requirePermission(ctx, 'alerts.read');
  const { found, ...parts } = await withRead(ctx, async (tx) => {
    const [found] = isId('alert', id)
      ? await selectAlerts(tx).where(and(eq(alerts.tenantId, ctx.tenantId), eq(alerts.id, id)))
      : [];
    if (!found) throw new AppError('not_found', 'There is no such alert in this tenant.');
    const evidence = await tx
      .select({
        eventId: alertEvidence.eventId,
        traceId: alertEvidence.traceId,
        at: alertEvidence.startedAt,
        sessionId: events.sessionId,
        agent: events.agentSlug,
        kind: sql<AlertDetail['evidence'][number]['kind']>`${events.kind}`,
        name: events.name,
      })
      .from(alertEvidence)
      .innerJoin(
        events,
        and(
          eq(events.tenantId, alertEvidence.tenantId),
          eq(events.receivedOn, alertEvidence.receivedOn),
          eq(events.incarnation, alertEvidence.incarnation),
          eq(events.xid, alertEvidence.eventXid),
          eq(events.seq, alertEvidence.eventSeq),
        ),
      )
      .where(and(eq(alertEvidence.tenantId, ctx.tenantId), eq(alertEvidence.alertId, id)))
      .orderBy(asc(alertEvidence.startedAt), asc(alertEvidence.eventId))
      .limit(limits.alertEvidenceMax);
    const seen = await selectSeenCanaries(tx, ctx, id);
    return { found, evidence, seen, steps: await selectSteps(tx, ctx, id) };
  });
  const canaries = await describeSeenCanaries(ctx, parts.seen);
  return presentAlertDetail(found.row, contextOf(found), { ...parts, canaries });
}

function selectSteps(tx: Tx, ctx: Ctx, id: string): Promise<StepRow[]> {
  return tx
    .select({
      kind: alertSteps.kind,
      actor: alertSteps.actorLabel,
      detail: alertSteps.detail,
      at: alertSteps.at,
    })
    .from(alertSteps)
    .where(and(eq(alertSteps.tenantId, ctx.tenantId), eq(alertSteps.alertId, id)))
    .orderBy(desc(alertSteps.seq))
    .limit(limits.alertStepsShownMax);
}

/**
 * Changes of alerts behind a position, in the order of positions, below the horizon of running
 * transactions: nothing is skipped and nothing told twice. Each carries the alert as it is now.
 * @throws AppError `forbidden`, `bad_request` for a position that is none of ours
 */
export async function listAlertChanges(
  ctx: Ctx,
  input: z.output<typeof alertFeedInputSchema>,
): Promise<AlertPage> {
  requirePermission(ctx, 'alerts.read');
  const since = input.since ? decodePosition(input.since) : startPosition;
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({
        row: alerts,
        rule: rules.slug,
        attention,
        assignee,
        incarnation: alertChanges.incarnation,
        xid: alertChanges.xid,
        seq: alertChanges.seq,
        change: alertChanges.change,
        eventIds: firstEvents,
      })
      .from(alertChanges)
      .innerJoin(
        alerts,
        and(eq(alerts.tenantId, alertChanges.tenantId), eq(alerts.id, alertChanges.alertId)),
      )
      .innerJoin(rules, and(eq(rules.tenantId, alerts.tenantId), eq(rules.id, alerts.ruleId)))
      .leftJoin(users, isAssignee)
      .where(
        and(
          eq(alertChanges.tenantId, ctx.tenantId),
          sql`(${alertChanges.incarnation}, ${alertChanges.xid}, ${alertChanges.seq})
            > (${since.incarnation}::smallint, ${since.xid}::xid8, ${since.seq}::bigint)`,
          sql`(${alertChanges.xid} < pg_snapshot_xmin(pg_current_snapshot())
            or ${alertChanges.incarnation} < (select incarnation from log_incarnation))`,
        ),
      )
      .orderBy(asc(alertChanges.incarnation), asc(alertChanges.xid), asc(alertChanges.seq))
      .limit(input.limit),
  );
  const items = rows.map((item) => presentAlert(item.row, contextOf(item)));
  return { items, next: items.at(-1)?.position ?? input.since ?? encodePosition(startPosition) };
}

/** Unresolved alerts, counted. @throws AppError `forbidden` */
export async function countAlerts(ctx: Ctx): Promise<AlertCounts> {
  requirePermission(ctx, 'alerts.read');
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({
        state: alerts.state,
        severity: alerts.severity,
        attention: sql<AlertAttention>`${attention}`.as('attention'),
        alerts: count(),
        returnsAt: min(alerts.snoozedUntil),
      })
      .from(alerts)
      .where(and(eq(alerts.tenantId, ctx.tenantId), ne(alerts.state, 'resolved')))
      .groupBy(alerts.state, alerts.severity, sql`attention`),
  );
  const sum = (isCounted: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(isCounted).reduce((total, row) => total + row.alerts, 0);
  const due = (state: string) => (row: (typeof rows)[number]) =>
    row.state === state && row.attention === 'due';
  const open = (severity: string) =>
    sum((row) => row.severity === severity && row.state === 'open' && row.attention === 'due');
  const returns = rows.flatMap((row) => (row.attention === 'snoozed' ? (row.returnsAt ?? []) : []));
  return {
    open: sum(due('open')),
    acknowledged: sum(due('acknowledged')),
    snoozed: sum((row) => row.attention === 'snoozed'),
    archived: sum((row) => row.attention === 'archived'),
    nextReturnAt: returns.toSorted()[0] ?? null,
    bySeverity: {
      critical: open('critical'),
      high: open('high'),
      medium: open('medium'),
      low: open('low'),
      informational: open('informational'),
    },
  };
}
