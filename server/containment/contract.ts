import { z } from 'zod';
import { instanceCapabilities } from '#db/enums.ts';
import { recoveryCheckSchema, stopSchema } from '#server/gate/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import { callerIdSchema } from '#server/telemetry/contract.ts';

/**
 * How surely an agent can be stopped, weakest first: telemetry only; asks before it acts; leased
 * credentials; hears of a stop; every effect passes an enforcer.
 */
export const enforcementClasses = ['observed', 'asks', 'leased', 'connected', 'gated'] as const;
export type EnforcementClass = (typeof enforcementClasses)[number];

export const enforcementSchema = z.object({
  class: z.enum(enforcementClasses),
  /** Within how many seconds a stop holds; null: it cannot be stopped. The worst bound is stated. */
  boundSeconds: z.number().nullable(),
  /** What it was concluded from, in sentences with numbers. */
  evidence: z.array(z.string()),
});
export type Enforcement = z.infer<typeof enforcementSchema>;

/**
 * Steps of the ladder of one instance; `unconfirmed` where an agent has no known instance, `cut` only
 * under a stop of level 3 or 4.
 */
export const ladderSteps = [
  'unconfirmed',
  'requested',
  'delivered',
  'acknowledged',
  'quiet',
  'cut',
  'unreachable',
  'refused',
  'not_capable',
] as const;
export type LadderStep = (typeof ladderSteps)[number];

export const ladderRowSchema = z.object({
  agentId: z.string(),
  agent: z.string(),
  /** `-` where the agent names none. */
  instanceId: z.string(),
  step: z.enum(ladderSteps),
  /** Why this step and no better one, in one sentence. */
  evidence: z.string(),
  /** Calls known to have been running when the stop came; null: unknown. */
  inFlight: z.int().nullable(),
  deliveredAt: z.string().nullable(),
  acknowledgedAt: z.string().nullable(),
  lastSeenAt: z.string().nullable(),
});
export type LadderRow = z.infer<typeof ladderRowSchema>;

/** How many instances stand on which step; the banner's sentence. */
export const ladderCountSchema = z.object({
  unconfirmed: z.int(),
  requested: z.int(),
  delivered: z.int(),
  acknowledged: z.int(),
  quiet: z.int(),
  cut: z.int(),
  unreachable: z.int(),
  refused: z.int(),
  not_capable: z.int(),
} satisfies Record<LadderStep, z.ZodInt>);

/**
 * What the watch of an agent that went first has found: `held` again; `alerted`; `watching` still; `silent`,
 * over without a sign of it, which says nothing; `clean`, over with work and without an alert.
 */
export const resumptionVerdicts = ['watching', 'clean', 'silent', 'alerted', 'held'] as const;
export type ResumptionVerdict = (typeof resumptionVerdicts)[number];

/** One agent that works again, or did, while its stop stands. */
export const resumptionSchema = z.object({
  agentId: z.string(),
  agent: z.string(),
  at: z.string(),
  watchedUntil: z.string(),
  endedAt: z.string().nullable(),
  endReason: z.string().nullable(),
  verdict: z.enum(resumptionVerdicts),
  /** Since then: what it asked for and what came of that, and when it was last heard. */
  allowed: z.int(),
  held: z.int(),
  denied: z.int(),
  lastSeenAt: z.string().nullable(),
  /** Alerts of it that were opened or went on since, of any severity; how many of them end the watch. */
  alerts: z.int(),
  graveAlerts: z.int(),
});
export type Resumption = z.infer<typeof resumptionSchema>;

/** What is known of agents that go first out of a stop of many. */
export const resumingSchema = z.object({
  /** Newest first. */
  resumptions: z.array(resumptionSchema),
  /** Who has asked for one that does not work again yet; those that still count. */
  asked: z.array(
    z.object({ agentId: z.string(), agent: z.string(), by: z.string(), at: z.string() }),
  ),
});

export const stopDetailSchema = stopSchema.extend({
  ladder: z.array(ladderRowSchema),
  /** Instances beyond those listed. */
  more: z.int(),
  counts: ladderCountSchema,
  /** Who has asked for the lift so far, and how many distinct people it takes. */
  lifts: z.array(z.object({ by: z.string(), at: z.string(), isCounted: z.boolean() })),
  liftsNeeded: z.int(),
  /** What is to be looked at before the lift, each point with the last word on it. */
  checks: z.array(recoveryCheckSchema),
  /** Null where the scope holds no more than one thing. */
  resuming: resumingSchema.nullable(),
  at: z.string(),
});
export type StopDetail = z.infer<typeof stopDetailSchema>;

/** A stop in force as the banner shows it; counts null where so many stand that they are not read. */
export const standingStopSchema = stopSchema.extend({
  counts: ladderCountSchema.nullable(),
  /** A credential under it is alive until somebody who may revoke takes its cut on. */
  isCutWaiting: z.boolean(),
  /** Names of agents that work again while it stands. */
  resumed: z.array(z.string()),
});
export type StandingStop = z.infer<typeof standingStopSchema>;

/** What a stop would reach, before it is placed. */
export const stopPreviewSchema = z.object({
  agents: z.int(),
  instances: z.int(),
  /** Redeemed without an outcome so far. */
  inFlight: z.int(),
  pendingApprovals: z.int(),
  livePermits: z.int(),
  /** Leases that an introspection would call live; null: more than are looked at. */
  liveLeases: z.int().nullable(),
  /** Credentials that its agents may take leases of and nobody revokes yet: what level 3 cuts. */
  credentials: z.int(),
  /** People who could lift it, and how many it takes. */
  lifters: z.int(),
  liftsNeeded: z.int(),
  /** By class: agents and the worst bound among them. */
  classes: z.array(
    z.object({
      class: z.enum(enforcementClasses),
      agents: z.int(),
      boundSeconds: z.number().nullable(),
    }),
  ),
});
export type StopPreview = z.infer<typeof stopPreviewSchema>;

export const heartbeatInput = z.strictObject({
  instanceId: callerIdSchema,
  capabilities: z.array(z.enum(instanceCapabilities)).max(instanceCapabilities.length).default([]),
  inFlight: z.array(z.string().max(limits.callerIdCharsMax)).max(1000).default([]),
  sessions: z.array(callerIdSchema).max(1000).default([]),
});

export const heartbeatAnswerSchema = z.object({
  epoch: z.int(),
  halted: z.boolean(),
  /** A client that has not reached Signalbox for this long halts itself. */
  leaseMs: z.int(),
});
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswerSchema>;

export const ackInput = z.strictObject({
  stopId: z.string().max(64),
  instanceId: callerIdSchema,
  state: z.enum(['acknowledged', 'stopped', 'refused', 'not_capable']),
  inFlight: z.int().min(0).max(1_000_000).nullish(),
});
