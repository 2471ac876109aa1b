import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import { canaryForms, plantedCanarySchema, scanVerdicts } from '#server/guard/contract.ts';
import { callerIdSchema, eventKinds, traceIdSchema } from '#server/telemetry/contract.ts';
import { alertChangeKinds, decisions } from '#db/enums.ts';
import { baselineReadingSchema } from './baseline/readings.ts';
import { ruleIdSchema, ruleNameSchema } from './rule-names/contract.ts';
import {
  alertAttentions,
  alertStates,
  alertStepKinds,
  alertVerdicts,
  severities,
} from './states/contract.ts';

export * from './filters/contract.ts';
export * from './rule-names/contract.ts';
export * from './rules/contract.ts';
export * from './states/contract.ts';

export const alertIdSchema = z.string().regex(/^alr_[0-9a-hjkmnp-tv-z]{26}$/, 'must be an alr_ id');
/** What was done together, so that it can be undone together. */
export const batchIdSchema = z.string().regex(/^trg_[0-9a-hjkmnp-tv-z]{26}$/, 'must be a trg_ id');
export const userIdSchema = z.string().regex(/^usr_[0-9a-hjkmnp-tv-z]{26}$/, 'must be a usr_ id');
const timeSchema = z.iso.datetime({ offset: true });

/** Somebody whom alerts can be given to. */
export const assigneeSchema = z.object({
  id: userIdSchema,
  name: z.string(),
  email: z.string(),
});
export type Assignee = z.infer<typeof assigneeSchema>;

/**
 * One alert in a list, in the live stream and in `GET /api/v1/alerts`: never a payload, so that
 * nothing an attacker wrote reaches a list except the names an agent gave itself.
 */
export const alertSchema = z.object({
  id: alertIdSchema,
  /** Opaque; the total order of *changes* in the tenant, so an alert moves up when it changes. */
  position: z.string(),
  change: z.enum(alertChangeKinds),
  rule: ruleNameSchema,
  ruleId: ruleIdSchema,
  severity: z.enum(severities),
  state: z.enum(alertStates),
  verdict: z.enum(alertVerdicts).nullable(),
  /** Whether it asks for somebody now; by the database's clock. Resolved ones are never due. */
  attention: z.enum(alertAttentions).nullable(),
  snoozedUntil: timeSchema.nullable(),
  /** Archived until `count` has reached this. */
  escalatesAt: z.number().int().positive().nullable(),
  /** Null for nobody, or somebody who is no member any more. */
  assignee: assigneeSchema.nullable(),
  title: z.string(),
  /** Slug of the agent of the earliest evidence; null when the rule watches none. */
  agent: z.string().nullable(),
  session: callerIdSchema.nullable(),
  /** Distinct, earliest first, at most `limits.alertTracesMax`. */
  traceIds: z.array(traceIdSchema),
  /** Earliest first, at most `limits.alertListEvidenceMax`; the detail has the rest. */
  eventIds: z.array(callerIdSchema),
  /** Event time of the earliest and the latest evidence. */
  firstAt: timeSchema,
  lastAt: timeSchema,
  /** Distinct events that took part; goes on beyond the evidence that is kept. */
  count: z.number().int().positive(),
  /** `LLM01:2026`, `ASI01`, `AML.T0051.001`, …, as in `taxonomies.ts`. */
  labels: z.array(z.string()),
});
export type Alert = z.infer<typeof alertSchema>;

/** One event that took part in an alert. `isLate`: it came after its window had closed. */
export const alertEvidenceSchema = z.object({
  eventId: callerIdSchema,
  traceId: traceIdSchema,
  sessionId: callerIdSchema.nullable(),
  agent: z.string(),
  kind: z.enum(eventKinds),
  name: z.string().nullable(),
  at: timeSchema,
  isLate: z.boolean(),
});

/** What a step says beside its kind; as it lies in `alert_steps.detail`. */
export const stepDetailSchema = z.object({
  verdict: z.enum(alertVerdicts).optional(),
  /** A comment, or the note beside a verdict: somebody's own words. */
  note: z.string().optional(),
  until: timeSchema.optional(),
  /** E-mail; null for nobody. */
  assignee: z.string().nullable().optional(),
  undone: z.enum(alertStepKinds).optional(),
});
export type StepDetail = z.infer<typeof stepDetailSchema>;

/** One line of an alert's history, newest first in lists. `actor` null: the detector. */
export const alertHistorySchema = stepDetailSchema.extend({
  at: timeSchema,
  actor: z.string().nullable(),
  step: z.enum(['opened', ...alertStepKinds]),
});
export type AlertHistoryLine = z.infer<typeof alertHistorySchema>;

/** A canary in the evidence of an alert: how it was seen there, and what was planted. */
export const alertCanarySchema = z.object({
  id: z.string(),
  /** What it wore; empty where the findings are older than that they tell. */
  disguises: z.array(z.enum(canaryForms)),
  /** Parts of the events that it stood in: `input`, `output`, … */
  fields: z.array(z.string()),
  /** `withheld` from whoever may not see canaries; `unknown`: the tenant never had such a canary. */
  planted: z.discriminatedUnion('state', [
    plantedCanarySchema.extend({ state: z.literal('shown') }),
    z.object({ state: z.enum(['withheld', 'unknown']) }),
  ]),
});
export type AlertCanary = z.infer<typeof alertCanarySchema>;

export const alertDetailSchema = alertSchema.extend({
  description: z.string(),
  /** Known harmless causes, in the rule author's words. */
  falsePositives: z.array(z.string()),
  /** What the matches have in common: the rule's group-by with this alert's values. */
  group: z.array(z.object({ field: z.string(), value: z.string() })),
  /** What was unusual for the agent, with the numbers; empty for rules that ask for no baseline. */
  readings: z.array(baselineReadingSchema),
  /** Earliest first, at most `limits.alertEvidenceMax`. */
  evidence: z.array(alertEvidenceSchema),
  /** Canaries that the evidence holds, by their ids; at most `limits.alertCanariesMax`. */
  canaries: z.array(alertCanarySchema),
  history: z.array(alertHistorySchema),
  /** When the detector raised it (our clock), as against `firstAt` (the agent's). */
  raisedAt: timeSchema,
  ruleVersion: z.number().int().positive(),
});
export type AlertDetail = z.infer<typeof alertDetailSchema>;

/** An action that an alert is about, beside or instead of events. */
export const alertActionSchema = z.object({
  id: z.string(),
  agent: z.string(),
  tool: z.string(),
  decision: z.enum(decisions),
  decidedAt: timeSchema,
  approvalId: z.string().nullable(),
  traceId: traceIdSchema.nullable(),
  /** What the agent says of its denial, unverified. */
  falseBlock: z.object({ reason: z.string(), at: timeSchema }).nullable(),
});
export type AlertAction = z.infer<typeof alertActionSchema>;

/** Filters of the alert list; an empty list of states, attentions or severities means all of them. */
export const alertFiltersSchema = z.object({
  states: z.array(z.enum(alertStates)).default([]),
  attentions: z.array(z.enum(alertAttentions)).default([]),
  /** `me` is whoever asks. */
  assignee: z.union([z.enum(['me', 'nobody']), userIdSchema]).nullish(),
  label: z.string().max(limits.ruleLabelCharsMax).nullish(),
  severities: z.array(z.enum(severities)).default([]),
  rule: ruleNameSchema.nullish(),
  agent: z.string().max(limits.callerIdCharsMax).nullish(),
  traceId: traceIdSchema.nullish(),
  /** Event time of the latest evidence, half-open. */
  from: timeSchema.nullish(),
  until: timeSchema.nullish(),
});
export type AlertFilters = z.infer<typeof alertFiltersSchema>;

export const listAlertsInputSchema = alertFiltersSchema.extend({
  limit: z.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
  cursor: z.string().max(256).nullish(),
});
/** Latest change first; `next` is null on the last page. */
export const alertPageSchema = z.object({
  items: z.array(alertSchema),
  next: z.string().nullable(),
});

export const alertGroupsInputSchema = alertFiltersSchema.extend({ by: z.enum(['rule', 'agent']) });
/** Alerts of one rule or of one agent; null for alerts that name none. */
export const alertGroupSchema = z.object({
  key: z.string().nullable(),
  title: z.string().nullable(),
  alerts: z.number().int().positive(),
  /** The worst among them. */
  severity: z.enum(severities),
  lastAt: timeSchema,
});
export type AlertGroup = z.infer<typeof alertGroupSchema>;

/** Labels of the taxonomies with the alerts that carry them and the rules that watch for them. */
export const alertMatrixSchema = z.object({
  taxonomies: z.array(
    z.object({
      scheme: z.string(),
      version: z.string(),
      cells: z.array(
        z.object({
          label: z.string(),
          title: z.string(),
          alerts: z.number().int().nonnegative(),
          rules: z.number().int().nonnegative(),
        }),
      ),
    }),
  ),
});
export type AlertMatrix = z.infer<typeof alertMatrixSchema>;

/** `GET /api/v1/alerts`: every change behind a position, oldest first; ask again with `next`. */
export const alertFeedInputSchema = z.object({
  since: z.string().max(64).nullish(),
  limit: z.coerce.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
});
/** `next` is the position to ask behind next time: the last one told, or the one asked with. */
export const alertFeedSchema = alertPageSchema;

/** Alerts that are not resolved, counted; what "needs me now" is made of. */
export const alertCountsSchema = z.object({
  /** Due ones. */
  open: z.number().int().nonnegative(),
  acknowledged: z.number().int().nonnegative(),
  /** Set aside, open or acknowledged. */
  snoozed: z.number().int().nonnegative(),
  archived: z.number().int().nonnegative(),
  /** When the next snoozed one is due again, by the clock; null when none is snoozed. */
  nextReturnAt: timeSchema.nullable(),
  /** Due and open ones alone. */
  bySeverity: z.record(z.enum(severities), z.number().int().nonnegative()),
});
export type AlertCounts = z.infer<typeof alertCountsSchema>;

/** One alert or several at once. */
export const alertIdsInputSchema = z.object({
  ids: z.array(alertIdSchema).min(1).max(limits.alertsAtOnceMax),
});
export const resolveAlertsInputSchema = alertIdsInputSchema.extend({
  verdict: z.enum(alertVerdicts),
  note: z.string().trim().max(limits.alertNoteCharsMax).default(''),
});
export const snoozeAlertsInputSchema = alertIdsInputSchema.extend({ until: timeSchema });
export const assignAlertsInputSchema = alertIdsInputSchema.extend({
  assigneeId: userIdSchema.nullable(),
});
export const commentAlertInputSchema = z.object({
  id: alertIdSchema,
  text: z.string().trim().min(1).max(limits.alertNoteCharsMax),
});
export const undoAlertStepsInputSchema = z.object({ batch: batchIdSchema });

/** What became of a step with several alerts: each is in one of the two lists. */
export const stepsTakenSchema = z.object({
  done: z.array(alertIdSchema),
  /** Left as they were, each with one sentence. */
  refused: z.array(z.object({ id: alertIdSchema, state: z.enum(alertStates), reason: z.string() })),
  /** What `undo` takes. */
  batch: batchIdSchema,
});
export type StepsTaken = z.infer<typeof stepsTakenSchema>;

export const alertHistogramInputSchema = z.object({
  /** Of the raising by the detector, half-open. */
  from: timeSchema,
  until: timeSchema,
  stepMinutes: z.union([z.literal(1), z.literal(5), z.literal(60), z.literal(1440)]),
});
export type AlertHistogramInput = z.infer<typeof alertHistogramInputSchema>;

/** Alerts raised per step and severity, oldest first; steps without alerts are absent. */
export const alertHistogramSchema = z.object({
  items: z.array(
    z.object({
      at: timeSchema,
      severity: z.enum(severities),
      alerts: z.number().int().positive(),
    }),
  ),
});
export type AlertHistogram = z.infer<typeof alertHistogramSchema>;

/** What the deep layer of the guard makes of one event. */
export const deepFindingSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('scored'),
    /** How far it reads like an injected instruction, in [0, 1]. */
    score: z.number().min(0).max(1),
    verdict: z.enum(scanVerdicts),
    /** Version of the classifier. */
    model: z.string(),
  }),
  /** Not looked at: nobody distrusts it, or there is nothing to read. */
  z.object({ state: z.literal('unasked') }),
  z.object({ state: z.literal('hidden') }),
  z.object({ state: z.literal('erased') }),
]);
export type DeepFinding = z.infer<typeof deepFindingSchema>;
