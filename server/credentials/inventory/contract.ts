import { z } from 'zod';
import {
  credentialKinds,
  outsideEvidence,
  providerAdapters,
  revocationStates,
  revocationStepKinds,
  revocationTargets,
  secretWatches,
} from '#db/enums.ts';
import { credentialFlags, credentialStates } from '../states/contract.ts';

/** A credential in the inventory; never a secret. */
export const credentialSchema = z.object({
  id: z.string(),
  name: z.string(),
  tool: z.string(),
  kind: z.enum(credentialKinds),
  state: z.enum(credentialStates),
  scopes: z.array(z.string()),
  environment: z.string().nullable(),
  /** E-mail of the owner; null where there is none, or no more. */
  owner: z.string().nullable(),
  provider: z.object({ name: z.string(), adapter: z.enum(providerAdapters) }).nullable(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  /** Exact to some seconds. */
  lastUsedAt: z.string().nullable(),
  holders: z.int(),
  /** Neither ended nor expired by their rows; under a stop they are dead all the same. */
  openLeases: z.int(),
  /**
   * Until when a verifier that checks a JWT without asking here takes one of its leases, ended or not;
   * null = there is none to take.
   */
  offlineUntil: z.string().nullable(),
  /** Empty once it is being revoked. */
  flags: z.array(z.enum(credentialFlags)),
  /** What of late shows it outside of the broker, worst first; told of a revoked one, too. */
  outside: z.array(z.enum(outsideEvidence)),
});
export type Credential = z.infer<typeof credentialSchema>;

export const credentialPageSchema = z.object({
  items: z.array(credentialSchema),
  next: z.string().nullable(),
});

/** One step of a revocation, with its evidence. */
const stepSchema = z.object({
  at: z.string(),
  step: z.enum(revocationStepKinds),
  state: z.enum(revocationStates),
  /** Where it was asked, and the HTTP status. */
  host: z.string().nullable(),
  status: z.int().nullable(),
  says: z.string(),
});

export const revocationSchema = z.object({
  id: z.string(),
  target: z.enum(revocationTargets),
  provider: z.object({ name: z.string(), adapter: z.enum(providerAdapters) }).nullable(),
  state: z.enum(revocationStates),
  says: z.string(),
  requestedAt: z.string(),
  requestedBy: z.string(),
  reason: z.string(),
  attempts: z.int(),
  /** Of what could not be proven: the last moment at which it may live; null = nobody knows. */
  lastValidAt: z.string().nullable(),
  /** Of the leases here: until when a verifier that does not ask here takes one; null = none. */
  offlineUntil: z.string().nullable(),
  /** Null once nothing more happens by itself. */
  nextAttemptAt: z.string().nullable(),
  /** A person may have it tried again. */
  mayRetry: z.boolean(),
  /** Oldest first. */
  steps: z.array(stepSchema),
});
export type Revocation = z.infer<typeof revocationSchema>;

/** What was seen of a credential outside of the broker, of one agent. */
const sightingSchema = z.object({
  evidence: z.enum(outsideEvidence),
  agent: z.string(),
  /** Else the agent's name is a claim of whoever told the event. */
  isVerified: z.boolean(),
  times: z.int(),
  firstAt: z.string(),
  lastAt: z.string(),
  /** The last event that shows it, and its trace; null where no event does. */
  eventId: z.string().nullable(),
  traceId: z.string().nullable(),
});
export type CredentialSighting = z.infer<typeof sightingSchema>;

export const credentialDetailSchema = credentialSchema.extend({
  createdBy: z.string(),
  externalRef: z.string().nullable(),
  leaseSecondsMax: z.int(),
  isActionRequired: z.boolean(),
  parent: z.object({ id: z.string(), name: z.string() }).nullable(),
  children: z.array(z.object({ id: z.string(), name: z.string() })),
  /** Slugs. */
  heldBy: z.array(z.string()),
  revocations: z.array(revocationSchema),
  /** Whether its secret is looked for in telemetry. */
  secretWatch: z.enum(secretWatches),
  /** Of the last `limits.unusedDays` days, the latest first. */
  sightings: z.array(sightingSchema),
});
export type CredentialDetail = z.infer<typeof credentialDetailSchema>;

/** What a revocation would reach, parents first. */
export const revocationPreviewSchema = z.object({
  credentials: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      tool: z.string(),
      depth: z.int(),
      isRevoked: z.boolean(),
      holders: z.int(),
      openLeases: z.int(),
      provider: z.object({ name: z.string(), adapter: z.enum(providerAdapters) }).nullable(),
    }),
  ),
});
export type RevocationPreview = z.infer<typeof revocationPreviewSchema>;

export const providerSchema = z.object({
  id: z.string(),
  name: z.string(),
  adapter: z.enum(providerAdapters),
});
export type CredentialProvider = z.infer<typeof providerSchema>;
