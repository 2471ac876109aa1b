import { z } from 'zod';
import { effectClasses, riskBands, voteVerdicts } from '#db/enums.ts';
import { limits } from '#server/kernel/limits.ts';
import { reasonSchema, riskFactorSchema } from '#server/policy/contract.ts';
import { findingSchema } from '#server/telemetry/traces/contract.ts';
import { approvalStates, voteRefusals } from './states.ts';

export * from './states.ts';

const timeSchema = z.string();

/** Why the person who asks may not vote: the code, and the sentence beside the disabled button. */
export const refusalSchema = z.object({ code: z.enum(voteRefusals), sentence: z.string() });

/** One line of the queue or of the history. Never an argument. */
export const approvalRowSchema = z.object({
  id: z.string(),
  actionId: z.string(),
  agentId: z.string(),
  agent: z.string(),
  environment: z.string(),
  tool: z.string(),
  band: z.enum(riskBands),
  riskScore: z.int(),
  state: z.enum(approvalStates),
  fingerprint: z.string(),
  requestedAt: timeSchema,
  /** With the frozen time known so far given back. */
  expiresAt: timeSchema,
  /** Distinct people who must approve, and who did so far (as their roles are now). */
  needs: z.int(),
  approvals: z.int(),
  isFreshSignInNeeded: z.boolean(),
  sessionId: z.string().nullable(),
  onBehalfOf: z.string().nullable(),
  resolvedAt: timeSchema.nullable(),
  resolvedBy: z.string().nullable(),
  /** Of the person who asks; null when they may vote now. */
  refusal: refusalSchema.nullable(),
});
export type ApprovalRow = z.infer<typeof approvalRowSchema>;

export const approvalListInput = z.object({
  /** `waiting` = pending and frozen, what expires next first; `history` = the rest, newest first. */
  view: z.enum(['waiting', 'history']).default('waiting'),
  band: z.enum(riskBands).nullish(),
  /** Slug or id. */
  agent: z.string().max(limits.callerIdCharsMax).nullish(),
  tool: z.string().max(limits.nameCharsMax).nullish(),
  limit: z.int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
  cursor: z.string().max(200).nullish(),
});

export const approvalListSchema = z.object({
  items: z.array(approvalRowSchema),
  next: z.string().nullable(),
  /** Database clock of the reading: countdowns run against it. */
  at: timeSchema,
});

export const voteSchema = z.object({
  userId: z.string(),
  label: z.string(),
  verdict: z.enum(voteVerdicts),
  reason: z.string(),
  isFresh: z.boolean(),
  at: timeSchema,
  /** Why it does not count now (lost the role, …); null when it counts. */
  discounted: refusalSchema.nullable(),
});

/** That a reviewer changed the arguments; never a value. */
export const editSchema = z.object({
  by: z.string(),
  at: timeSchema,
  reason: z.string(),
  bandBefore: z.enum(riskBands),
  band: z.enum(riskBands),
});

export const questionSchema = z.object({
  id: z.string(),
  askedBy: z.string(),
  text: z.string(),
  askedAt: timeSchema,
  /** The agent's own words; null while it has not answered. */
  answer: z.string().nullable(),
  answeredAt: timeSchema.nullable(),
});

/** A decision on an earlier action of this agent and tool, newest first. */
export const precedentSchema = z.object({
  approvalId: z.string(),
  state: z.enum(approvalStates),
  band: z.enum(riskBands),
  requestedAt: timeSchema,
  resolvedBy: z.string().nullable(),
  reason: z.string().nullable(),
});

/** An event of the minute before the request, as the trace shows it; never a payload. */
export const contextEventSchema = z.object({
  eventId: z.string(),
  traceId: z.string(),
  kind: z.string(),
  name: z.string().nullable(),
  status: z.string(),
  trust: z.string(),
  startedAt: timeSchema,
  findings: z.int(),
});

/** Everything of the screen but the arguments, which {@link openedArgumentsSchema} brings. */
export const approvalDetailSchema = approvalRowSchema.extend({
  reasons: z.array(reasonSchema),
  factors: z.array(riskFactorSchema),
  /** What the tools table says of the tool now; null: nobody has registered it. */
  toolFacts: z
    .object({
      effectClass: z.enum(effectClasses),
      /** 0 undone by itself … 4 never. */
      reversibility: z.int(),
      /** Names of the arguments that it takes, load-bearing ones alone where it says so; null: not told. */
      declared: z.array(z.string()).nullable(),
      /** The table has been changed since this was asked for: what it says now was not judged. */
      isChanged: z.boolean(),
    })
    .nullable(),
  policyVersion: z.string(),
  digest: z.string(),
  planHash: z.string().nullable(),
  ownerLabel: z.string().nullable(),
  keyName: z.string(),
  traceId: z.string().nullable(),
  spanId: z.string().nullable(),
  instanceId: z.string().nullable(),
  /** The agent's own words, redacted; a claim. */
  agentReason: z.string().nullable(),
  derivedFrom: z.array(z.string()),
  /** Votes on what the request is now; those on what it was before an edit do not count. */
  votes: z.array(voteSchema),
  /** Oldest first. */
  edits: z.array(editSchema),
  /** How many more approvals are needed. */
  missing: z.int(),
  denyReason: z.string().nullable(),
  questions: z.array(questionSchema),
  precedent: z.array(precedentSchema),
  before: z.array(contextEventSchema),
  /** What followed: permit, redeem and outcome, as far as they exist. */
  permitState: z.string().nullable(),
  /** Of the last permit that was issued; null before one. */
  permitExpiresAt: timeSchema.nullable(),
  redeemedAt: timeSchema.nullable(),
  outcome: z
    .object({ status: z.string(), at: timeSchema, isAsApproved: z.boolean().nullable() })
    .nullable(),
  at: timeSchema,
});
export type ApprovalDetail = z.infer<typeof approvalDetailSchema>;

/** A stretch of the canonical text in UTF-16 code units of the string at `pointer`. */
const spanSchema = z.object({
  /** JSON pointer of a string (or of a key's object, for keys). */
  pointer: z.string(),
  start: z.int(),
  end: z.int(),
});

/** Sealed arguments, opened for one eligible person; the opening is audited. */
export const openedArgumentsSchema = z.object({
  /** RFC 8785 text; detected credentials are replaced inside their strings, see `masked`. */
  canonical: z.string(),
  digest: z.string(),
  fingerprint: z.string(),
  /** What the digest covers: names of top-level arguments; null = all of them. */
  boundFields: z.array(z.string()).nullable(),
  /** Credentials that were masked: length and fingerprint instead of the value. */
  masked: z.array(
    spanSchema.extend({ type: z.string(), length: z.int(), fingerprint: z.string() }),
  ),
  /** Hidden text, look-alikes, embedded instructions, personal data, canaries. */
  findings: z.array(findingSchema.extend({ pointer: z.string() })),
  /** Texts that also occur in untrusted content of the trace. */
  provenance: z.array(
    spanSchema.extend({ eventId: z.string(), traceId: z.string(), origin: z.string() }),
  ),
  /** False where not all that the trace had read could be looked through, or no trace was named. */
  isProvenanceWhole: z.boolean(),
  /** Parts that were too long to be inspected; said aloud. */
  uninspected: z.array(z.string()),
  blast: z.object({
    recipients: z.array(z.string()),
    rows: z.number().nullable(),
    amount: z.string().nullable(),
  }),
  /** Canonical text of what the agent asked for, where a reviewer edited it; null where nobody did. */
  asAsked: z.string().nullable(),
  /** Canonical text of the last approved call of this agent and tool, for the comparison. */
  lastApproved: z.object({ approvalId: z.string(), canonical: z.string() }).nullable(),
});
export type OpenedArguments = z.infer<typeof openedArgumentsSchema>;

export const castVoteInput = z.object({
  id: z.string(),
  verdict: z.enum(voteVerdicts),
  /** Required for a denial, and to approve what is high or critical. */
  reason: z.string().trim().max(limits.voteReasonCharsMax).default(''),
  /** Of what the person was shown. */
  digest: z.string(),
  /** For what needs a fresh sign-in. */
  password: z.string().max(limits.passwordCharsMax).nullish(),
});
export type CastVoteInput = z.output<typeof castVoteInput>;

export const castVoteAnswer = z.object({
  state: z.enum(approvalStates),
  approvals: z.int(),
  missing: z.int(),
});

/** `index`: the credential's place in `masked` of {@link openedArgumentsSchema}, from 0. */
export const revealInput = z.object({ id: z.string(), index: z.int().nonnegative() });
export const revealSchema = z.object({ value: z.string() });

export const askQuestionInput = z.object({
  id: z.string(),
  text: z.string().trim().min(1).max(limits.questionCharsMax),
});

export const approvalCountsSchema = z.object({
  /** Pending and frozen. */
  waiting: z.int(),
  /** Those on which the person who asks may vote now. */
  mine: z.int(),
  /** True when there are more than were counted. */
  isCut: z.boolean(),
});
