import { z } from 'zod';
import {
  actorTypes,
  recoveryPoints,
  type StopScopeKind,
  stopScopeKinds,
  stopStates,
} from '#db/enums.ts';
import { limits } from '#server/kernel/limits.ts';

/** What a stop covers, as the doors and the pages say it: `{"kind":"agent","id":"billing-bot"}`. */
export const stopScopeSchema = z.union([
  z.strictObject({ kind: z.literal('tenant') }),
  z.strictObject({
    kind: z.enum(['agent', 'tree', 'environment', 'session', 'tool', 'credential']),
    // A name with something invisible in it is no agent's, session's or tool's: its stop would cover nothing.
    id: z
      .string()
      .min(1)
      .max(limits.nameCharsMax)
      .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'must be plain text on one line'),
  }),
]);
export type StopScope = z.infer<typeof stopScopeSchema>;

/** Scope of a stop that stands or stood: with the id that is matched and the name that people use. */
export const placedScopeSchema = z.object({
  kind: z.enum(stopScopeKinds),
  /** Empty for a tenant. */
  id: z.string(),
  label: z.string(),
  /**
   * Of a tree, where a stop is read: ids of the agents in it at that moment, its root first, at most
   * `limits.treeMembersListedMax`. The gate asks for itself and knows no such bound.
   */
  members: z.array(z.string()).optional(),
});
export type PlacedScope = z.infer<typeof placedScopeSchema>;

/** One stop as lists and the banner show it. */
export const stopSchema = z
  .object({
    id: z.string(),
    scope: placedScopeSchema,
    level: z.int().min(1).max(4),
    reason: z.string(),
    /** `lifted` also once the time of a lift from the host has come. */
    state: z.enum(stopStates),
    epoch: z.int(),
    placedByType: z.enum(actorTypes),
    placedBy: z.string(),
    placedAt: z.string(),
    /** Null while the drain is not over; enforced all the same. */
    acknowledgedAt: z.string().nullable(),
    /** May lie ahead: a lift from the host takes effect later. */
    liftedAt: z.string().nullable(),
  })
  .meta({ id: 'Stop' });
export type Stop = z.infer<typeof stopSchema>;

/** What a decision or a redeem is about: each part that a stop could cover. */
export interface GateSubject {
  readonly agentId: string;
  /** Null: the one in which the agent's row stands at that moment. */
  readonly environment: string | null;
  readonly sessionId: string | null;
  readonly tool: string | null;
  /** Of a lease; what uses no credential is covered by no stop of one. */
  readonly credentialId?: string;
}

export const placeStopInput = z.strictObject({
  scope: stopScopeSchema,
  level: z.int().min(1).max(4).default(1),
  reason: z.string().trim().min(1).max(limits.stopReasonCharsMax),
});
export type PlaceStopInput = z.output<typeof placeStopInput>;

/**
 * A stop that was asked for, with its first author: `changed` is false when it stood already, at this
 * level or a higher one.
 */
export const placedStopSchema = z
  .object({
    id: z.string(),
    epoch: z.int(),
    /** `active` once the drain is over; `draining` is enforced but not proven yet. */
    state: z.enum(stopStates),
    changed: z.boolean(),
    placedBy: z.string(),
    placedAt: z.string(),
  })
  .meta({ id: 'PlacedStop' });
export type PlacedStop = z.infer<typeof placedStopSchema>;

export const liftStopInput = z.strictObject({
  id: z.string(),
  reason: z.string().trim().min(1).max(limits.stopReasonCharsMax),
});

/** Stops that hold many agents, of which one can go first. */
export const resumableKinds: ReadonlySet<StopScopeKind> = new Set([
  'tenant',
  'environment',
  'tree',
]);

/** One agent of those that a stop holds. */
export const resumeAgentInput = z.strictObject({
  id: z.string(),
  agentId: z.string().max(64),
  reason: z.string().trim().min(1).max(limits.stopReasonCharsMax),
});
export type ResumeAgentInput = z.infer<typeof resumeAgentInput>;

export const resumeAgentAnswer = z.object({
  /** How many further people have to say so. */
  missing: z.int(),
  /** Null while people are missing. */
  watchedUntil: z.string().nullable(),
});
export type ResumeAgentAnswer = z.infer<typeof resumeAgentAnswer>;

export const holdAgainAnswer = z.object({
  /** False when the stop held the agent already. */
  changed: z.boolean(),
  state: z.enum(stopStates),
});
export type HoldAgainAnswer = z.infer<typeof holdAgainAnswer>;

/** Whether a point was looked at, as somebody says it. */
export const checkStopInput = z.strictObject({
  id: z.string(),
  point: z.enum(recoveryPoints),
  isDone: z.boolean(),
});

/** One point to be looked at before a lift, with the last word on it; `by` null: nobody said anything. */
export const recoveryCheckSchema = z.object({
  point: z.enum(recoveryPoints),
  isDone: z.boolean(),
  by: z.string().nullable(),
  at: z.string().nullable(),
});
export type RecoveryCheck = z.infer<typeof recoveryCheckSchema>;

/** What somebody adds to a stop in their own words, after it was placed. */
export const noteStopInput = z.strictObject({
  id: z.string(),
  text: z.string().trim().min(1).max(limits.stopReasonCharsMax),
});

export const liftAnswerSchema = z.object({
  state: z.enum(stopStates),
  /** How many further people have to say so. */
  missing: z.int(),
  /** When it is or will be lifted; null while people are missing. */
  liftedAt: z.string().nullable(),
});
export type LiftAnswer = z.infer<typeof liftAnswerSchema>;

export const stopPageSchema = z.object({
  items: z.array(stopSchema),
  next: z.string().nullable(),
});
export type StopPage = z.infer<typeof stopPageSchema>;

/** One that started an agent, or that it started. */
export const agentRelativeSchema = z.object({
  id: z.string(),
  slug: z.string(),
  /** Told under the parent's own key; else another key claims it. */
  isVerified: z.boolean(),
  firstAt: z.string(),
});
export type AgentRelative = z.infer<typeof agentRelativeSchema>;

export const agentFamilySchema = z.object({
  parents: z.array(agentRelativeSchema),
  children: z.array(agentRelativeSchema),
  /** Agents that a stop of its tree covers, itself included. */
  treeAgents: z.int(),
  /** More ancestors than are kept (`limits.agentAncestorsMax`): the stop of any tree covers it. */
  isInEveryTree: z.boolean(),
});
export type AgentFamily = z.infer<typeof agentFamilySchema>;
