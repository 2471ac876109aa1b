import { z } from 'zod';
import { decisions, outcomeStatuses, riskBands, voteVerdicts } from '#db/enums.ts';
import { toolNameSchema } from '#server/agents/contract.ts';
import { approvalStates } from '#server/approvals/states.ts';
import { limits } from '#server/kernel/limits.ts';
import { permitStates } from '#server/permits/contract.ts';
import { reasonSchema, riskSchema } from '#server/policy/contract.ts';
import { callerIdSchema, traceIdSchema } from '#server/telemetry/contract.ts';

/** Every state of an action; contract.md, section 4. */
export const actionStates = [
  'allowed',
  'held',
  'approved',
  'denied',
  'expired',
  'cancelled',
  'superseded',
  'invalidated',
  'frozen',
  'redeemed',
  'executed',
  'failed',
  'outcome_unknown',
] as const;
export type ActionState = (typeof actionStates)[number];

/** What the agent does next. */
export const nextSteps = ['run', 'wait', 'stop', 'ask_again'] as const;
export type NextStep = (typeof nextSteps)[number];

const plainText = (charsMax: number) => z.string().max(charsMax);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Arguments as they were read: not a record of zod's, which leaves out a name `__proto__` without a word.
 * What is dropped here is seen by no reviewer and covered by no digest.
 */
const argumentsSchema = z
  .custom<Record<string, unknown>>(isObject, 'must be an object')
  .meta({ override: { type: 'object', additionalProperties: true } });

/** What an agent asks for. */
export const askSchema = z.strictObject({
  tool: toolNameSchema,
  args: argumentsSchema,
  sessionId: callerIdSchema.nullish(),
  traceId: traceIdSchema.nullish(),
  spanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .nullish(),
  instanceId: callerIdSchema.nullish(),
  /** A claim of the agent's, shown as such. */
  onBehalfOf: callerIdSchema.nullish(),
  subjectToken: z.null().optional(),
  /** The agent's own words. */
  reason: plainText(limits.actionReasonCharsMax).nullish(),
  derivedFrom: z.array(callerIdSchema).max(limits.derivedEventsMax).default([]),
  planHash: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/)
    .nullish(),
  supersedes: z.string().max(64).nullish(),
});
export type Ask = z.output<typeof askSchema>;

/** The answer of every door of actions. */
export const actionAnswerSchema = z
  .object({
    id: z.string(),
    state: z.enum(actionStates),
    decision: z.enum(decisions),
    risk: riskSchema,
    reasons: z.array(reasonSchema),
    policyVersion: z.string(),
    obligations: z.array(z.object({ kind: z.enum(['redact_fields', 'row_filter', 'max_rows']) })),
    approval: z
      .object({
        id: z.string(),
        expiresAt: z.string(),
        needs: z.int(),
        votes: z.int(),
        /** First 8 hex digits of the digest; the reviewer sees the same. */
        fingerprint: z.string(),
      })
      .nullable(),
    /** Compact JWS, only while live. */
    permit: z.string().nullable(),
    permitExpiresAt: z.string().nullable(),
    permitState: z.enum(permitStates).nullable(),
    /** With the permit of an action that a reviewer edited: what it is for, instead of what was asked. */
    editedArgs: z.record(z.string(), z.unknown()).nullable(),
    denyReason: z.string().nullable(),
    next: z.enum(nextSteps),
  })
  .meta({ id: 'Action' });
export type ActionAnswer = z.infer<typeof actionAnswerSchema>;

export const redeemInputSchema = z.strictObject({
  permit: z.string().max(limits.permitCharsMax),
  args: argumentsSchema,
  /** Of an action that was decided with one. */
  planHash: z.string().max(200).nullish(),
});
export type RedeemInput = z.infer<typeof redeemInputSchema>;

export const redeemAnswerSchema = z
  .object({
    redeemed: z.literal(true),
    actionId: z.string(),
    redemptionId: z.string(),
    args: z.record(z.string(), z.unknown()),
    redeemedAt: z.string(),
  })
  .meta({ id: 'Redemption' });
export type RedeemAnswer = z.infer<typeof redeemAnswerSchema>;

export const outcomeInputSchema = z.strictObject({
  status: z.enum(outcomeStatuses),
  result: z.unknown().optional(),
  executedArgs: argumentsSchema.nullish(),
});
export type OutcomeInput = z.infer<typeof outcomeInputSchema>;

/** An agent's answer to a reviewer's question. */
export const answerInputSchema = z.strictObject({
  questionId: z.string().max(64),
  text: z.string().min(1).max(limits.questionCharsMax),
});
export type AnswerInput = z.infer<typeof answerInputSchema>;

/** An agent's word that its denied action should not have been denied. */
export const falseBlockInputSchema = z.strictObject({
  reason: z.string().trim().min(1).max(limits.falseBlockCharsMax),
});
export type FalseBlockInput = z.infer<typeof falseBlockInputSchema>;

export const falseBlockAnswerSchema = z
  .object({
    actionId: z.string(),
    reportedAt: z.string(),
    /** False for a repeat: the first word counts. */
    changed: z.boolean(),
  })
  .meta({ id: 'FalseBlock' });
export type FalseBlockAnswer = z.infer<typeof falseBlockAnswerSchema>;

/** A reviewer's edit of a held action, approved as it is written. */
export const editInput = z.strictObject({
  /** Of the approval. */
  id: z.string().max(64),
  /** Of what the editor was shown. */
  digest: z.string().max(200),
  /** JSON text of all arguments; masked credentials that were left alone stay what they are. */
  args: z.string().min(2).max(limits.editedTextCharsMax),
  reason: z.string().trim().min(1).max(limits.voteReasonCharsMax),
  password: z.string().min(1).max(limits.passwordCharsMax),
});
export type EditInput = z.output<typeof editInput>;

/** How long `GET /api/v1/actions/{id}` may wait, in seconds. */
export const waitQuerySchema = z.object({
  wait: z.coerce.number().min(0).max(limits.decisionWaitSecondsMax).default(0),
});

/** One `Idempotency-Key`. */
export const idempotencyKeySchema = z
  .string()
  .min(1)
  .max(limits.idempotencyKeyCharsMax)
  .regex(/^[\x21-\x7e]+$/);

/** Calls of one agent and tool over the last 30 days, as telemetry under the agent's own key told of them. */
export const callCoverageSchema = z.object({
  agentId: z.string(),
  agent: z.string(),
  tool: z.string(),
  /** Governed calls, and those of them that used up a redeemed permit. */
  calls: z.int(),
  permitted: z.int(),
  /** `permitted` of `calls`, 0 to 100, rounded down; null without a call. */
  percent: z.int().nullable(),
  /** Calls that another key told of in the agent's name: they prove nothing either way. */
  unverified: z.int(),
});
export type CallCoverage = z.infer<typeof callCoverageSchema>;

const chainCallSchema = z.object({
  eventId: z.string(),
  traceId: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
});

/** One action from its decision to how it ended; what is null did not happen, or nobody told of it. */
export const actionChainSchema = z.object({
  actionId: z.string(),
  agent: z.string(),
  tool: z.string(),
  decision: z.enum(decisions),
  decidedAt: z.string(),
  approvalId: z.string().nullable(),
  approval: z.object({ result: z.string(), at: z.string().nullable() }).nullable(),
  /** The latest permit, or the redeemed one. */
  permit: z.object({ id: z.string(), issuedAt: z.string(), expiresAt: z.string() }).nullable(),
  redeem: z.object({ at: z.string(), by: z.string() }).nullable(),
  call: chainCallSchema.nullable(),
  outcome: z
    .object({
      status: z.enum(outcomeStatuses),
      at: z.string(),
      isAsDecided: z.boolean().nullable(),
    })
    .nullable(),
});
export type ActionChain = z.infer<typeof actionChainSchema>;

/** The chains of one action or of one trace, in the order of their decisions. */
export const chainAnswerSchema = z.object({
  actions: z.array(actionChainSchema),
  /** Of the trace: governed calls that are joined with no action. */
  loose: z.array(
    chainCallSchema.extend({ tool: z.string(), agent: z.string(), permit: z.string().nullable() }),
  ),
});
export type ChainAnswer = z.infer<typeof chainAnswerSchema>;

export const chainInput = z.union([
  z.strictObject({ actionId: z.string().max(64) }),
  z.strictObject({ traceId: traceIdSchema }),
]);

const timeSchema = z.iso.datetime({ offset: true });

/** The actions of a trace with the instants of what came of each; by our clock, oldest first. */
export const traceActionsSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      agentId: z.string(),
      agent: z.string(),
      /** Of the agent at the decision. */
      environment: z.string(),
      sessionId: z.string().nullable(),
      tool: z.string(),
      decision: z.enum(decisions),
      decidedAt: timeSchema,
      /** Of a held one. */
      approvalId: z.string().nullable(),
      /** How its approval ended, or that it was cancelled; null while neither happened. */
      resolved: z.object({ state: z.string(), at: timeSchema }).nullable(),
      /** Oldest first: a stop can end one, and another follow after the lift. */
      permits: z.array(
        z.object({
          issuedAt: timeSchema,
          expiresAt: timeSchema,
          redeemedAt: timeSchema.nullable(),
        }),
      ),
      outcome: z.object({ status: z.enum(outcomeStatuses), at: timeSchema }).nullable(),
    }),
  ),
  /** True when there are more than `limits.pageItemsMax`. */
  isCut: z.boolean(),
});
export type TraceActions = z.infer<typeof traceActionsSchema>;

export const decisionCountsInputSchema = z.object({
  /** Of the decision, half-open. */
  from: timeSchema,
  until: timeSchema,
  stepMinutes: z.union([z.literal(1), z.literal(5), z.literal(60), z.literal(1440)]),
});
export type DecisionCountsInput = z.infer<typeof decisionCountsInputSchema>;

/** Actions decided per step and decision, oldest first; steps without any are absent. */
export const decisionCountsSchema = z.object({
  items: z.array(
    z.object({ at: timeSchema, decision: z.enum(decisions), actions: z.int().positive() }),
  ),
});
export type DecisionCounts = z.infer<typeof decisionCountsSchema>;

/** Permits by step of their issue and what became of them, oldest first; empty steps are absent. */
export const permitCountsSchema = z.object({
  items: z.array(
    z.object({
      at: timeSchema,
      /** `unused`: over without a redeem, by its time or a stop; `open`: neither yet. */
      what: z.enum(['redeemed', 'open', 'unused']),
      permits: z.int().positive(),
    }),
  ),
});
export type PermitCounts = z.infer<typeof permitCountsSchema>;

/** One action with what followed it, as pages show it; never an argument. */
export const actionRowSchema = z.object({
  id: z.string(),
  /** When it was decided. */
  at: z.string(),
  agentId: z.string(),
  agent: z.string(),
  tool: z.string(),
  decision: z.enum(decisions),
  state: z.enum(actionStates),
  riskScore: z.int(),
  band: z.enum(riskBands),
  reasons: z.array(reasonSchema),
  sessionId: z.string().nullable(),
  traceId: z.string().nullable(),
  spanId: z.string().nullable(),
  /** Of a held action. */
  approval: z
    .object({
      id: z.string(),
      state: z.enum(approvalStates),
      fingerprint: z.string(),
      votes: z.array(
        z.object({ label: z.string(), verdict: z.enum(voteVerdicts), at: z.string() }),
      ),
      resolvedAt: z.string().nullable(),
      resolvedBy: z.string().nullable(),
    })
    .nullable(),
  permitState: z.enum(permitStates).nullable(),
  /** The latest one. */
  permit: z.object({ id: z.string(), issuedAt: z.string(), expiresAt: z.string() }).nullable(),
  /** `by`: `agent` or `enforcer`. */
  redeemed: z.object({ at: z.string(), by: z.string() }).nullable(),
  /** `isAsDecided` null: nothing was said of the arguments that ran. */
  outcome: z
    .object({
      status: z.enum(outcomeStatuses),
      at: z.string(),
      isAsDecided: z.boolean().nullable(),
    })
    .nullable(),
});
export type ActionRow = z.infer<typeof actionRowSchema>;

export const actionListInput = z.object({
  /** Slug or id. */
  agent: z.string().max(limits.callerIdCharsMax).nullish(),
  tool: z.string().max(limits.nameCharsMax).nullish(),
  traceId: traceIdSchema.nullish(),
  limit: z.int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
  cursor: z.string().max(200).nullish(),
});

export const actionListSchema = z.object({
  /** Newest first. */
  items: z.array(actionRowSchema),
  next: z.string().nullable(),
});
