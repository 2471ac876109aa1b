import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import {
  createdAt,
  instant,
  oneOf,
  tenantId,
  tenantPolicy,
  traceId,
  typeId,
  xid8,
} from '../columns.ts';
import {
  actorTypes,
  alertChangeKinds,
  alertStates,
  alertStepKinds,
  alertVerdicts,
  backtestStates,
  proposalStates,
  ruleSourceKinds,
  ruleStates,
  severities,
} from '../enums.ts';

/** Detection rules: one Sigma document (or chain of documents) each; and filters over them. */
export const rules = pgTable(
  'rules',
  {
    tenantId: tenantId(),
    id: typeId('id', 'rule').notNull(),
    /** Stable name of a shipped rule, or of a custom one. */
    slug: text('slug').notNull(),
    title: text('title').notNull(),
    /** Never changes: a filter has alerts of no kind, and a rule that became one would lose its own. */
    kind: oneOf('kind', ruleSourceKinds).notNull().default('rule'),
    /** Null for a filter, which opens no alerts. */
    severity: oneOf('severity', severities),
    state: oneOf('state', ruleStates).notNull(),
    /** Grows with each change of the document; part of an alert's id. */
    version: integer('version').notNull().default(1),
    /** The Sigma YAML, possibly of several documents. */
    source: text('source').notNull(),
    labels: text('labels')
      .array()
      .notNull()
      .default(sql`'{}'`),
    origin: text('origin', { enum: ['shipped', 'custom'] }).notNull(),
    /** The highest version ever given, to a discarded proposal too: a number is never used twice. */
    lastVersion: integer('last_version').notNull().default(1),
    createdAt: createdAt(),
    updatedAt: instant('updated_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('rules_slug').on(t.tenantId, t.slug),
    check('rules_filter_has_no_severity', sql`(kind = 'filter') = (severity is null)`),
    tenantPolicy(),
  ],
).enableRLS();

/** A change of a rule that waits for approval; one at a time. What runs stays as it is meanwhile. */
export const ruleProposals = pgTable(
  'rule_proposals',
  {
    tenantId: tenantId(),
    ruleId: typeId('rule_id', 'rule').notNull(),
    /** New with each save, so that nothing that was seen of one text counts for another. */
    version: integer('version').notNull(),
    source: text('source').notNull(),
    state: oneOf('state', proposalStates).notNull(),
    authorId: text('author_id').notNull(),
    authorLabel: text('author_label').notNull(),
    editedAt: instant('edited_at')
      .notNull()
      .default(sql`now()`),
    /** Since when it has run in the shadow; null in a draft. */
    shadowSince: instant('shadow_since'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.ruleId] }),
    foreignKey({ columns: [t.tenantId, t.ruleId], foreignColumns: [rules.tenantId, rules.id] }),
    tenantPolicy(),
  ],
).enableRLS();

/** Versions that were approved, with who wrote and who approved them. */
export const ruleVersions = pgTable(
  'rule_versions',
  {
    tenantId: tenantId(),
    ruleId: typeId('rule_id', 'rule').notNull(),
    version: integer('version').notNull(),
    source: text('source').notNull(),
    authorLabel: text('author_label').notNull(),
    approvedByLabel: text('approved_by_label').notNull(),
    /** The author approved alone, because nobody else could have. */
    isAlone: boolean('is_alone').notNull(),
    approvedAt: instant('approved_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.ruleId, t.version] }),
    foreignKey({ columns: [t.tenantId, t.ruleId], foreignColumns: [rules.tenantId, rules.id] }),
    tenantPolicy(),
  ],
).enableRLS();

/** What a rule in the shadow would have opened: one row for what would be one alert. */
export const shadowMatches = pgTable(
  'shadow_matches',
  {
    tenantId: tenantId(),
    /** The id that the alert would have. */
    id: typeId('id', 'alert').notNull(),
    ruleId: typeId('rule_id', 'rule').notNull(),
    version: integer('version').notNull(),
    agentSlug: text('agent_slug'),
    traceId: traceId('trace_id'),
    eventId: text('event_id'),
    firstAt: instant('first_at').notNull(),
    lastAt: instant('last_at').notNull(),
    count: integer('count').notNull(),
    matchedAt: instant('matched_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.ruleId], foreignColumns: [rules.tenantId, rules.id] }),
    // What one version would have opened, latest first.
    index('shadow_matches_rule').on(t.tenantId, t.ruleId, t.version, t.lastAt.desc()),
    tenantPolicy(),
  ],
).enableRLS();

/** Runs of a rule's text over the events that are stored. */
export const backtests = pgTable(
  'backtests',
  {
    tenantId: tenantId(),
    id: typeId('id', 'backtest').notNull(),
    /** Null for a text that belongs to no rule yet. */
    ruleId: typeId('rule_id', 'rule'),
    source: text('source').notNull(),
    days: integer('days').notNull(),
    state: oneOf('state', backtestStates).notNull().default('queued'),
    requestedByLabel: text('requested_by_label').notNull(),
    /** Of the period, counted when it began; null before. */
    eventsTotal: integer('events_total'),
    eventsRead: integer('events_read').notNull().default(0),
    /** `backtestResultSchema`, once it is done. */
    result: jsonb('result'),
    /** One sentence, once it has failed. */
    failure: text('failure'),
    createdAt: createdAt(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    /** Of whoever runs it; a silent one is begun again by another. */
    beatAt: instant('beat_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // What is to be run, oldest first, over all tenants.
    index('backtests_waiting')
      .on(t.createdAt)
      .where(sql`state in ('queued', 'running')`),
    // The latest of a rule.
    index('backtests_rule').on(t.tenantId, t.ruleId, t.createdAt.desc()),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * State that the detector carries between events: correlation windows and stateful fields (first
 * use of a tool, error rate). Committed together with the cursor and the alerts.
 */
export const detectorState = pgTable(
  'detector_state',
  {
    tenantId: tenantId(),
    /** `window:<rule id>:<version>`, `first_use`, `error_rate_5m`, `baseline`, `watermark`. */
    scope: text('scope').notNull(),
    /** The group within the scope (an agent, a session, …). */
    key: text('key').notNull(),
    /** Windows that hold much lie in several rows; 0 is the head, without which the others are none. */
    part: integer('part').notNull().default(0),
    state: jsonb('state').notNull(),
    updatedAt: instant('updated_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.scope, t.key, t.part] }),
    // Expiry of old groups.
    index('detector_state_age').on(t.tenantId, t.scope, t.updatedAt),
    tenantPolicy(),
  ],
).enableRLS();

/** Alerts: one burst is one alert. The id is a hash of rule version, group and window. */
export const alerts = pgTable(
  'alerts',
  {
    tenantId: tenantId(),
    id: typeId('id', 'alert').notNull(),
    ruleId: typeId('rule_id', 'rule').notNull(),
    ruleVersion: integer('rule_version').notNull(),
    /** The values of the group-by fields, for people and for joining later matches. */
    groupKey: text('group_key').notNull(),
    severity: oneOf('severity', severities).notNull(),
    state: oneOf('state', alertStates).notNull(),
    title: text('title').notNull(),
    /** Why it fired, with the values: shown as it is. */
    explanation: jsonb('explanation').notNull(),
    agentId: typeId('agent_id', 'agent'),
    agentSlug: text('agent_slug'),
    sessionId: text('session_id'),
    traceIds: text('trace_ids').array().notNull(),
    labels: text('labels').array().notNull(),
    /** Event times of the first and last match; opened_at is ours. */
    firstAt: instant('first_at').notNull(),
    lastAt: instant('last_at').notNull(),
    openedAt: instant('opened_at')
      .notNull()
      .default(sql`now()`),
    updatedAt: instant('updated_at')
      .notNull()
      .default(sql`now()`),
    count: integer('count').notNull(),
    acknowledgedBy: text('acknowledged_by'),
    acknowledgedAt: instant('acknowledged_at'),
    resolvedBy: text('resolved_by'),
    resolvedAt: instant('resolved_at'),
    verdict: oneOf('verdict', alertVerdicts),
    note: text('note'),
    /** Set aside until then; that it is over follows from the clock. */
    snoozedUntil: instant('snoozed_until'),
    /** Set aside until `count` has reached this. */
    escalatesAt: integer('escalates_at'),
    assigneeId: typeId('assignee_id', 'user'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.ruleId], foreignColumns: [rules.tenantId, rules.id] }),
    // The inbox: newest change first.
    index('alerts_recent').on(t.tenantId, t.updatedAt.desc(), t.id),
    // What was opened since somebody looked: who is to be told of it.
    index('alerts_opened').on(t.tenantId, t.openedAt),
    // "Is there an open alert of this rule and group?"
    index('alerts_open')
      .on(t.tenantId, t.ruleId, t.groupKey)
      .where(sql`state <> 'resolved'`),
    // Every decision asks for the open alerts of an agent and of a session.
    index('alerts_open_agent')
      .on(t.tenantId, t.agentId)
      .where(sql`state <> 'resolved'`),
    index('alerts_open_session')
      .on(t.tenantId, t.sessionId)
      .where(sql`state <> 'resolved' and session_id is not null`),
    tenantPolicy(),
  ],
).enableRLS();

/** Which events an alert stands on; a match is evidence of exactly one alert. */
export const alertEvidence = pgTable(
  'alert_evidence',
  {
    tenantId: tenantId(),
    alertId: typeId('alert_id', 'alert').notNull(),
    incarnation: smallint('incarnation').notNull(),
    eventXid: xid8('event_xid').notNull(),
    eventSeq: bigint('event_seq', { mode: 'number' }).notNull(),
    receivedOn: date('received_on').notNull(),
    eventId: text('event_id').notNull(),
    traceId: traceId('trace_id').notNull(),
    startedAt: instant('started_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.alertId, t.incarnation, t.eventSeq] }),
    foreignKey({ columns: [t.tenantId, t.alertId], foreignColumns: [alerts.tenantId, alerts.id] }),
    // Alerts of one trace.
    index('alert_evidence_trace').on(t.tenantId, t.traceId),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * What people did to an alert, one row a step: its history, and what undoing goes by. Steps that were
 * taken together share a batch.
 */
export const alertSteps = pgTable(
  'alert_steps',
  {
    tenantId: tenantId(),
    alertId: typeId('alert_id', 'alert').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    batch: typeId('batch', 'triage').notNull(),
    kind: oneOf('kind', alertStepKinds).notNull(),
    actorType: oneOf('actor_type', actorTypes).notNull(),
    actorId: text('actor_id').notNull(),
    actorLabel: text('actor_label').notNull(),
    /** Verdict and note, end of a snooze, name of an assignee: what the step says. */
    detail: jsonb('detail').notNull(),
    /** The alert's own columns as they were. */
    before: jsonb('before').notNull(),
    at: instant('at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    // The history of one alert.
    primaryKey({ columns: [t.tenantId, t.alertId, t.seq] }),
    foreignKey({ columns: [t.tenantId, t.alertId], foreignColumns: [alerts.tenantId, alerts.id] }),
    // Undoing a batch.
    index('alert_steps_batch').on(t.tenantId, t.batch),
    tenantPolicy(),
  ],
).enableRLS();

/** Every change of an alert, in the order of positions: live lists and `/api/v1/alerts?since=`. */
export const alertChanges = pgTable(
  'alert_changes',
  {
    tenantId: tenantId(),
    incarnation: smallint('incarnation').notNull(),
    xid: xid8('xid')
      .notNull()
      .default(sql`pg_current_xact_id()`),
    seq: bigint('seq', { mode: 'number' })
      .notNull()
      .default(sql`nextval('alert_changes_seq')`),
    alertId: typeId('alert_id', 'alert').notNull(),
    change: oneOf('change', alertChangeKinds).notNull(),
    at: instant('at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.incarnation, t.xid, t.seq] }),
    foreignKey({ columns: [t.tenantId, t.alertId], foreignColumns: [alerts.tenantId, alerts.id] }),
    // The last change of one alert: every row of the inbox names its position.
    index('alert_changes_alert').on(t.tenantId, t.alertId, t.xid.desc(), t.seq.desc()),
    tenantPolicy(),
  ],
).enableRLS();
