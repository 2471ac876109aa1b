import { z } from 'zod';
import { drillEnds, drillTriggers } from '#db/enums.ts';
import { limits } from '#server/kernel/limits.ts';
import { drillMeasures, type DrillMeasure } from './states/contract.ts';

export { drillMeasures, type DrillMeasure };

/** Instants that a drill is measured by; null for what has not come, or never came. */
export const drillInstantsSchema = z.object({
  startedAt: z.string(),
  signalledAt: z.string().nullable(),
  /** The alert of the drill was opened. */
  detectedAt: z.string().nullable(),
  /** The stop was placed. */
  stoppedAt: z.string().nullable(),
  /** The stop was acknowledged: nothing is granted any more. */
  acknowledgedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  /** The provider was seen to refuse the drill's credential. */
  credentialDeadAt: z.string().nullable(),
  confirmedAt: z.string().nullable(),
  liftedAt: z.string().nullable(),
});
export type DrillInstants = z.infer<typeof drillInstantsSchema>;

export const drillAgentSchema = z.object({ id: z.string(), slug: z.string() });

/** One that a drill may revoke where it was made. */
export const practiceCredentialSchema = z.object({
  id: z.string(),
  name: z.string(),
  provider: z.string(),
});
export type PracticeCredential = z.infer<typeof practiceCredentialSchema>;

export const drillSchema = drillInstantsSchema.extend({
  id: z.string(),
  agent: drillAgentSchema,
  /** The agent is still marked for drills; without, no stop is placed for one. */
  isMarked: z.boolean(),
  trigger: z.enum(drillTriggers),
  isHandsOn: z.boolean(),
  startedBy: z.string(),
  alertId: z.string().nullable(),
  stopId: z.string().nullable(),
  stoppedBy: z.string().nullable(),
  /** Live leases that were ended; null until that was done. */
  leasesEnded: z.int().nullable(),
  /** Chosen to be revoked at its provider; null where none was. */
  credential: z
    .object({
      id: z.string(),
      name: z.string(),
      /** The last word on its revocation; null while nobody has asked for one. */
      says: z.string().nullable(),
    })
    .nullable(),
  endedAt: z.string().nullable(),
  /** Null while it runs. */
  ended: z.enum(drillEnds).nullable(),
  /** Milliseconds; null where an end of the span is missing. */
  measures: z.record(z.enum(drillMeasures), z.number().nullable()),
});
export type Drill = z.infer<typeof drillSchema>;

export const drillPlanSchema = z.object({
  agent: drillAgentSchema,
  intervalDays: z.int(),
  setBy: z.string(),
  setAt: z.string(),
  /** When a drill of this tenant was last brought to its end. */
  lastDoneAt: z.string().nullable(),
  /** When the next one begins by itself. */
  dueAt: z.string(),
  /** None was brought to its end for longer than that and a day. */
  isOverdue: z.boolean(),
});
export type DrillPlan = z.infer<typeof drillPlanSchema>;

export const startDrillInput = z.strictObject({
  agentId: z.string(),
  isHandsOn: z.boolean().default(false),
  /** A practice credential of the agent (`drills.credentials`); null = none. */
  credentialId: z.string().nullable().default(null),
});

export const planDrillsInput = z.strictObject({
  agentId: z.string(),
  intervalDays: z.int().min(1).max(limits.drillIntervalDaysMax),
});
