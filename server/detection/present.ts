import type { alerts, rules } from '#db/schema/detection.ts';
import {
  type Alert,
  type AlertCanary,
  type AlertDetail,
  type AlertStepKind,
  type Rule,
  stepDetailSchema,
} from '#server/detection/contract.ts';
import { explanationSchema } from '#server/detection/raise-alert.ts';
import { compileText } from '#server/detection/sigma/compile-text.ts';
import { standIns } from '#server/detection/sigma/foreign-rules.ts';
import { encodePosition, type Position } from '#server/telemetry/position.ts';

type AlertRow = typeof alerts.$inferSelect;
type RuleRow = typeof rules.$inferSelect;

/** What an alert's row is joined with for a list. */
export interface AlertContext {
  readonly rule: string;
  readonly at: Position;
  readonly change: Alert['change'];
  readonly eventIds: readonly string[];
  readonly attention: Alert['attention'];
  readonly assignee: Alert['assignee'];
}

/** A row of an alert's history. */
export interface StepRow {
  readonly kind: AlertStepKind;
  readonly actor: string;
  readonly detail: unknown;
  readonly at: string;
}

/** One alert as lists, the feed and the stream tell it. */
export function presentAlert(row: AlertRow, context: AlertContext): Alert {
  return {
    id: row.id,
    position: encodePosition(context.at),
    change: context.change,
    rule: context.rule,
    ruleId: row.ruleId,
    severity: row.severity,
    state: row.state,
    verdict: row.verdict,
    attention: context.attention,
    snoozedUntil: row.snoozedUntil,
    escalatesAt: row.escalatesAt,
    assignee: context.assignee,
    title: row.title,
    agent: row.agentSlug,
    session: row.sessionId,
    traceIds: row.traceIds,
    eventIds: [...context.eventIds],
    firstAt: row.firstAt,
    lastAt: row.lastAt,
    count: row.count,
    labels: row.labels,
  };
}

/** An alert with everything that explains it; `evidence` earliest first, `steps` latest first. */
export function presentAlertDetail(
  row: AlertRow,
  context: AlertContext,
  {
    evidence,
    canaries,
    steps,
  }: {
    readonly evidence: readonly Omit<AlertDetail['evidence'][number], 'isLate'>[];
    readonly canaries: readonly AlertCanary[];
    readonly steps: readonly StepRow[];
  },
): AlertDetail {
  const { description, falsePositives, group, lateEventIds, readings } = explanationSchema.parse(
    row.explanation,
  );
  return {
    ...presentAlert(row, context),
    description,
    falsePositives,
    group,
    readings,
    evidence: evidence.map((event) => ({
      ...event,
      isLate: lateEventIds.includes(event.eventId),
    })),
    canaries: [...canaries],
    history: historyOf(row, steps),
    raisedAt: row.openedAt,
    ruleVersion: row.ruleVersion,
  };
}

/** Newest first, down to the raising. */
function historyOf(row: AlertRow, steps: readonly StepRow[]): AlertDetail['history'] {
  return [
    ...steps.map(({ at, actor, kind, detail }) => ({
      at,
      actor,
      step: kind,
      ...stepDetailSchema.parse(detail),
    })),
    { at: row.openedAt, actor: null, step: 'opened' },
  ];
}

/** A rule without its source; what the document says of itself is read from the document. */
export function presentRule(row: RuleRow, verdicts: Rule['verdicts'], fault: Rule['fault']): Rule {
  const compiled = compileText(row.source, standIns);
  const main = compiled.ok ? compiled.main : null;
  return {
    id: row.id,
    name: row.slug,
    title: row.title,
    description: main?.description ?? '',
    kind: kindOf(row, compiled),
    severity: row.severity,
    status: main?.status ?? 'unsupported',
    state: row.state,
    fault,
    isBuiltin: row.origin === 'shipped',
    version: row.version,
    labels: row.labels,
    verdicts,
    updatedAt: row.updatedAt,
  };
}

function kindOf({ kind }: RuleRow, compiled: ReturnType<typeof compileText>): Rule['kind'] {
  if (kind === 'filter') return 'filter';
  return compiled.ok && compiled.kind === 'rule' ? compiled.main.kind : 'detection';
}

/** Known harmless causes, from the document. */
export function falsePositivesOf(row: RuleRow): string[] {
  const compiled = compileText(row.source, standIns);
  return compiled.ok ? [...compiled.main.falsePositives] : [];
}
