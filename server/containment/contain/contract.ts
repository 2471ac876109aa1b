import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';

/**
 * How one item of a containment stands, read from the agent, the stop, the leases and the revocations at
 * this moment. `confirmed` is proof; `person`: somebody who may revoke has to take it on.
 */
export const itemStates = [
  'waiting',
  'person',
  'requested',
  'confirmed',
  'failed',
  'unverifiable',
  'undone',
] as const;
export type ItemState = (typeof itemStates)[number];

export const itemKinds = ['stop', 'instances', 'lock', 'evidence', 'leases', 'credential'] as const;
export type ItemKind = (typeof itemKinds)[number];

export const containmentItemSchema = z.object({
  kind: z.enum(itemKinds),
  /** What it is about: a credential's name; empty for the others. */
  name: z.string(),
  /** Of a credential; null for the others. */
  credentialId: z.string().nullable(),
  /** Where a credential was made; null where nobody knows. */
  provider: z.string().nullable(),
  state: z.enum(itemStates),
  /** By what that is known, in a sentence. */
  evidence: z.string(),
});
export type ContainmentItem = z.infer<typeof containmentItemSchema>;

/**
 * `contained` only while every item is proven; `unproven`: nothing more happens by itself, and something
 * is not proven.
 */
export const containmentStates = [
  'working',
  'person',
  'contained',
  'unproven',
  'released',
] as const;
export type ContainmentState = (typeof containmentStates)[number];

export const containmentSchema = z.object({
  id: z.string(),
  state: z.enum(containmentStates),
  agent: z.object({ id: z.string(), slug: z.string() }).nullable(),
  stopId: z.string().nullable(),
  level: z.int(),
  reason: z.string(),
  isCutFirst: z.boolean(),
  requestedBy: z.string(),
  requestedAt: z.string(),
  alertId: z.string().nullable(),
  confirmedBy: z.string().nullable(),
  evidence: z
    .object({
      at: z.string(),
      digest: z.string(),
      /** How many of each were held. */
      counts: z.record(z.string(), z.int()),
    })
    .nullable(),
  items: z.array(containmentItemSchema),
  /** Items that are proven, of those listed. */
  proven: z.int(),
  releasedAt: z.string().nullable(),
  releasedBy: z.string().nullable(),
  /** When this was so. */
  at: z.string(),
});
export type Containment = z.infer<typeof containmentSchema>;

/** What containing an agent would cut, before it is asked for. */
export const containPreviewSchema = z.object({
  agent: z.string(),
  isActive: z.boolean(),
  instances: z.int(),
  /** Null: more than are looked at. */
  liveLeases: z.int().nullable(),
  pendingActions: z.int(),
  livePermits: z.int(),
  inFlight: z.int(),
  credentials: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      tool: z.string(),
      provider: z.string().nullable(),
      sharedWith: z.array(z.string()),
      isRevokeRequested: z.boolean(),
    }),
  ),
  /** People who could release it again. */
  releasers: z.int(),
});
export type ContainPreview = z.infer<typeof containPreviewSchema>;

const reason = z.string().trim().min(1).max(limits.stopReasonCharsMax);

export const containInput = z.strictObject({
  /** Slug or id. */
  agent: z.string().min(1).max(limits.callerIdCharsMax),
  reason,
  /** Data is leaving: credentials are cut before evidence is held. */
  isExfiltration: z.boolean().default(false),
  alertId: z.string().max(64).nullable().default(null),
});
export type ContainInput = z.output<typeof containInput>;

export const containAnswerSchema = z.object({
  id: z.string(),
  /** False: it is contained already, by its first author; what no longer held was done again. */
  isNew: z.boolean(),
});
export type ContainAnswer = z.infer<typeof containAnswerSchema>;

export const releaseInput = z.strictObject({ id: z.string().max(64), reason });
