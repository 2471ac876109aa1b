import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import { callerIdSchema, traceIdSchema } from '#server/telemetry/contract.ts';
import { filterReachSchema, ruleShapingSchema } from '../filters/contract.ts';
import { ruleIdSchema, ruleNameSchema } from '../rule-names/contract.ts';
import {
  backtestStates,
  responseActions,
  proposalStates,
  ruleStates,
  severities,
} from '../states/contract.ts';

/** `detection` looks at one event, `correlation` at several; `filter` leaves events out of others. */
export const ruleKinds = ['detection', 'correlation', 'filter'] as const;

/** Sigma's word for how far a rule is trusted by its author. */
export const ruleStatuses = [
  'stable',
  'test',
  'experimental',
  'deprecated',
  'unsupported',
] as const;
export type RuleStatus = (typeof ruleStatuses)[number];

const timeSchema = z.iso.datetime({ offset: true });

/** One rule in a list. */
export const ruleSchema = z.object({
  id: ruleIdSchema,
  name: ruleNameSchema,
  title: z.string(),
  description: z.string(),
  kind: z.enum(ruleKinds),
  /** Null for a filter, which opens no alerts. */
  severity: z.enum(severities).nullable(),
  status: z.enum(ruleStatuses),
  state: z.enum(ruleStates),
  /** Of a rule that was approved: why it cannot run all the same, one sentence; null where it can. */
  fault: z.string().nullable(),
  /** Shipped with the product, as against written here. */
  isBuiltin: z.boolean(),
  /** Grows with each change of the source; part of an alert's id. */
  version: z.number().int().positive(),
  labels: z.array(z.string()),
  /** Verdicts of resolved alerts, all versions together: the rule's precision. */
  verdicts: z.object({
    truePositive: z.number().int().nonnegative(),
    benign: z.number().int().nonnegative(),
    falsePositive: z.number().int().nonnegative(),
  }),
  updatedAt: timeSchema,
});
export type Rule = z.infer<typeof ruleSchema>;

/** A change that waits for approval. */
export const ruleProposalSchema = z.object({
  version: z.number().int().positive(),
  state: z.enum(proposalStates),
  source: z.string(),
  author: z.string(),
  /** Whoever asks wrote it. */
  isOwn: z.boolean(),
  editedAt: timeSchema,
  shadowSince: timeSchema.nullable(),
  /** Why whoever asks may not approve it, one sentence; null when they may. */
  refusal: z.string().nullable(),
  /** Nobody else could approve it: the author may, and it will be said. */
  isAlone: z.boolean(),
});
export type RuleProposal = z.infer<typeof ruleProposalSchema>;

export const ruleVersionSchema = z.object({
  version: z.number().int().positive(),
  author: z.string(),
  approvedBy: z.string(),
  isAlone: z.boolean(),
  approvedAt: timeSchema,
});

/** What a correlation names of another source. */
const countedRuleSchema = z.object({
  name: z.string(),
  /** Whose it is; null where it is nobody's that could be counted. */
  rule: z.object({ id: ruleIdSchema, title: z.string(), state: z.enum(ruleStates) }).nullable(),
  /** Why it is not counted, one sentence; null where it is. */
  fault: z.string().nullable(),
});

export const ruleDetailSchema = ruleSchema.extend({
  proposal: ruleProposalSchema.nullable(),
  /** Approved here, latest first; none for a shipped rule. */
  versions: z.array(ruleVersionSchema),
  falsePositives: z.array(z.string()),
  /** The Sigma documents as written (YAML, one or more documents). */
  source: z.string().max(limits.ruleSourceBytesMax),
  /** Rules of other sources that its text counts, as it spells them. */
  counts: z.array(countedRuleSchema),
  /** Approved rules of other sources that count it, by title. */
  countedBy: z.array(z.object({ id: ruleIdSchema, title: z.string(), state: z.enum(ruleStates) })),
  /** Null for a rule that no filter of another source is put on. */
  shaping: ruleShapingSchema.nullable(),
  /** Of a filter: the rules that its text is, or once enabled would be, put on. Null for a rule. */
  reach: filterReachSchema.nullable(),
});
export type RuleDetail = z.infer<typeof ruleDetailSchema>;

export const ruleToggleInputSchema = z.object({ id: ruleIdSchema });

export const ruleSourceSchema = z.string().min(1).max(limits.ruleSourceBytesMax);
/** A new rule; its name is the document's. */
export const createRuleInputSchema = z.object({ source: ruleSourceSchema });
export const proposeRuleInputSchema = z.object({
  id: ruleIdSchema,
  source: ruleSourceSchema,
  /** The version whose text was edited: another one since is a conflict. Null to save over any. */
  basedOn: z.number().int().positive().nullable(),
});
/** `version` is what the person has seen: another text since is a conflict. */
export const proposalInputSchema = z.object({
  id: ruleIdSchema,
  version: z.number().int().positive(),
});
export const shadowRuleInputSchema = proposalInputSchema.extend({ isOn: z.boolean() });
export const checkRuleInputSchema = z.object({ source: z.string().max(limits.ruleSourceBytesMax) });

const ruleProblemSchema = z.object({
  code: z.string(),
  message: z.string(),
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
});

/** What is right and wrong with a rule's text. */
export const ruleCheckSchema = z.object({
  /** Empty when it compiles. Lines and columns start at 1. */
  problems: z.array(ruleProblemSchema),
  /** What is allowed, and leaves a doubt or does nothing. Empty while it does not compile. */
  advice: z.array(ruleProblemSchema),
  /** Null while it does not compile. */
  rule: z
    .object({
      name: z.string(),
      title: z.string(),
      severity: z.enum(severities).nullable(),
      kind: z.enum(ruleKinds),
      labels: z.array(z.string()),
      /** What is done by itself about the agent of an alert; null = nothing. */
      response: z.enum(responseActions).nullable(),
    })
    .nullable(),
  /** The tests of the document, run. */
  tests: z.array(
    z.object({
      kind: z.enum(['hit', 'miss']),
      index: z.number().int().nonnegative(),
      isPassed: z.boolean(),
      /** The test's events as written, for finding it. */
      summary: z.string(),
    }),
  ),
  /** Why it could not be approved as it is, one sentence each. */
  missing: z.array(z.string()),
  /** Fields that it reads and a backtest cannot know. */
  unknownFields: z.array(z.string()),
  /** Of filters that compile: the rules that they would be put on. Null otherwise. */
  reach: filterReachSchema.nullable(),
});
export type RuleCheck = z.infer<typeof ruleCheckSchema>;

export const importPackInputSchema = z.object({ text: z.string().max(limits.packBytesMax) });
/** What became of one rule of a pack. `created` and `proposed` are drafts: nothing runs by it. */
export const importedRuleSchema = z.object({
  /** Null while it does not compile. */
  name: z.string().nullable(),
  /** Where it begins in the pack, from 1. */
  line: z.number().int().positive(),
  outcome: z.enum(['created', 'proposed', 'unchanged', 'refused']),
  /** Lines are those of the pack. */
  problems: z.array(
    z.object({ code: z.string(), message: z.string(), line: z.number().int().nullable() }),
  ),
  /** What has to be there, and approved, before it can be: one sentence each. */
  needs: z.array(z.string()),
});
export type ImportedRule = z.infer<typeof importedRuleSchema>;

/** Words that an editor can offer. */
export const ruleVocabularySchema = z.object({
  fields: z.array(z.string()),
  modifiers: z.array(z.string()),
  tags: z.array(z.object({ tag: z.string(), label: z.string(), title: z.string() })),
  categories: z.array(z.string()),
});
export type RuleVocabulary = z.infer<typeof ruleVocabularySchema>;

/** Something a rule would have opened an alert for. */
export const wouldBeAlertSchema = z.object({
  agent: z.string().nullable(),
  traceId: traceIdSchema.nullable(),
  eventId: callerIdSchema.nullable(),
  firstAt: timeSchema,
  lastAt: timeSchema,
  count: z.number().int().positive(),
});
export type WouldBeAlert = z.infer<typeof wouldBeAlertSchema>;

/** What a version in the shadow has matched since it runs there. */
export const shadowReportSchema = z.object({
  version: z.number().int().positive(),
  since: timeSchema.nullable(),
  /** Alerts that it would have opened. */
  alerts: z.number().int().nonnegative(),
  /** More were matched than are kept. */
  isCut: z.boolean(),
  /** Alerts that the version which runs has opened in the same time; null where none runs. */
  alertsOpened: z.number().int().nonnegative().nullable(),
  /** Latest first. */
  samples: z.array(wouldBeAlertSchema),
});
export type ShadowReport = z.infer<typeof shadowReportSchema>;

export const backtestIdSchema = z
  .string()
  .regex(/^bkt_[0-9a-hjkmnp-tv-z]{26}$/, 'must be a bkt_ id');
export const startBacktestInputSchema = z.object({
  /** The rule whose text it is, if any. */
  ruleId: ruleIdSchema.nullable(),
  source: ruleSourceSchema,
  days: z.number().int().min(1).max(limits.backtestDaysMax),
});

/** What a rule would have done, as it lies in `backtests.result`. */
export const backtestResultSchema = z.object({
  /** Alerts that it would have opened. */
  alerts: z.number().int().nonnegative(),
  /** Events that it would have counted as evidence. */
  matches: z.number().int().nonnegative(),
  traces: z.number().int().nonnegative(),
  /** Approved actions that came after a match in their trace. */
  approvals: z.number().int().nonnegative(),
  /** Alerts by day of event time (UTC), oldest first; days without any are absent. */
  byDay: z.array(z.object({ day: z.string(), alerts: z.number().int().positive() })),
  /** The most events first. */
  samples: z.array(wouldBeAlertSchema),
  /** Fields that it reads and that the stored events cannot tell: what it would have made of them is unknown. */
  unknownFields: z.array(z.string()),
  /** Groups that were forgotten because there were too many at a time. */
  groupsForgotten: z.number().int().nonnegative(),
  /** Not all events of the period were read: there may be more. */
  isCut: z.boolean(),
  /** What it would have done by itself, by the first event of each alert; null where it does nothing. */
  responses: z
    .object({
      action: z.enum(responseActions),
      /** Agents that would have been stopped or contained, and how often. */
      agents: z.number().int().nonnegative(),
      taken: z.number().int().nonnegative(),
      /** Left to people: beyond the cap of an hour, and by events that an agent did not tell itself. */
      capped: z.number().int().nonnegative(),
      claimed: z.number().int().nonnegative(),
    })
    .nullable()
    .default(null),
});
export type BacktestResult = z.infer<typeof backtestResultSchema>;

export const backtestSchema = z.object({
  id: backtestIdSchema,
  ruleId: ruleIdSchema.nullable(),
  state: z.enum(backtestStates),
  days: z.number().int().positive(),
  requestedBy: z.string(),
  createdAt: timeSchema,
  /** Null before it began. */
  eventsTotal: z.number().int().nonnegative().nullable(),
  eventsRead: z.number().int().nonnegative(),
  tookMs: z.number().nonnegative().nullable(),
  result: backtestResultSchema.nullable(),
  failure: z.string().nullable(),
  /** Whether it was this very text that ran. */
  source: z.string(),
});
export type Backtest = z.infer<typeof backtestSchema>;
