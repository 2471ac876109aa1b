import { z } from 'zod';
import { decisions, effectClasses, riskBands } from '#db/enums.ts';

/** An argument of a call and the event whose untrusted content had it before; names, never values. */
const argumentSourceSchema = z.object({
  argument: z.string(),
  eventId: z.string(),
  traceId: z.string(),
});

/** One line of the factor table that travels with every decision; never a value of an argument. */
export const riskFactorSchema = z.object({
  name: z.string(),
  value: z.union([z.number(), z.string(), z.boolean()]),
  reason: z.string(),
  /** Where an argument comes from: its name and the untrusted event that had it before. */
  sources: z.array(argumentSourceSchema).optional(),
});
export type RiskFactor = z.infer<typeof riskFactorSchema>;

export const riskSchema = z.object({
  /** 0 (harmless) to 100. */
  score: z.int().min(0).max(100),
  band: z.enum(riskBands),
  factors: z.array(riskFactorSchema),
});
export type Risk = z.infer<typeof riskSchema>;

export const reasonSchema = z.object({ code: z.string(), detail: z.string() });
export type Reason = z.infer<typeof reasonSchema>;

const grade = z.int().min(0).max(4);

/**
 * What the risk of an action is computed from, kept with the decision so that it can be judged again
 * under a changed tools table. Numbers and grades only: nothing here repeats an argument.
 */
export const riskInputSchema = z.object({
  tool: z.object({
    name: z.string(),
    isKnown: z.boolean(),
    reversibility: grade,
    sensitivity: grade,
    blastRadius: grade,
    effectClass: z.enum(effectClasses),
  }),
  measures: z.object({
    /** Distinct addressees; null: none were named. */
    recipients: z.int().nullable(),
    /** The largest number of rows asked for; null: none was named. */
    rows: z.number().nullable(),
    /** Power of ten of the largest amount: 100 and 999 are 2; null: none could be read. */
    amountMagnitude: z.int().nullable(),
    /** False when there were more values than are looked at. */
    isComplete: z.boolean(),
  }),
  /** Null means not known, and counts as the worst. */
  hasUntrustedUpstream: z.boolean().nullable(),
  /**
   * Arguments that untrusted content upstream had before; `isWhole` is false where not all of it could be
   * read, which counts as the worst. Absent where no untrusted content is known upstream: an upstream
   * that is not known counts as the worst by itself.
   */
  untrustedArguments: z
    .object({ isWhole: z.boolean(), links: z.array(argumentSourceSchema) })
    .optional(),
  isFirstUse: z.boolean().nullable(),
  openAlerts: z.int().nullable(),
  environment: z.string().nullable(),
});
export type RiskInput = z.infer<typeof riskInputSchema>;

/** What a policy says of one action. */
export const evaluationSchema = z.object({
  decision: z.enum(decisions),
  risk: riskSchema,
  reasons: z.array(reasonSchema),
  /** Distinct people who must approve; 0 unless held. */
  needs: z.int().min(0),
  /** Whether those people enter their password again and give a reason. */
  isFreshSignInNeeded: z.boolean(),
  /** How long the request stays open; 0 unless held. */
  windowSeconds: z.int().min(0),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
