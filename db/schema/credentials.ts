import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import {
  bytes,
  createdAt,
  instant,
  oneOf,
  tenantId,
  tenantPolicy,
  traceId,
  typeId,
} from '../columns.ts';
import {
  credentialKinds,
  leaseEnds,
  leaseTokenFormats,
  outsideEvidence,
  providerAdapters,
  revocationStates,
  revocationStepKinds,
  revocationTargets,
  secretWatches,
} from '../enums.ts';

/**
 * The data keys of a tenant, each wrapped by a key that lies outside the database. The highest version
 * seals; earlier ones open what they sealed.
 */
export const dataKeys = pgTable(
  'data_keys',
  {
    tenantId: tenantId(),
    version: integer('version').notNull(),
    wrapped: bytes('wrapped').notNull(),
    /** Which key wrapped it, as its keeper calls it. */
    wrappedBy: text('wrapped_by').notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.version] }), tenantPolicy()],
).enableRLS();

/** Where a credential was made and can be revoked. What the broker says there lies sealed (`prv_…`). */
export const providers = pgTable(
  'credential_providers',
  {
    tenantId: tenantId(),
    id: typeId('id', 'provider').notNull(),
    name: text('name').notNull(),
    adapter: oneOf('adapter', providerAdapters).notNull(),
    /** Addresses and names, by the adapter; nothing secret. */
    settings: jsonb('settings').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('credential_providers_name').on(t.tenantId, t.name),
    tenantPolicy(),
  ],
).enableRLS();

/** What a tool is entered with, kept here so that agents need not hold it. The secret lies apart. */
export const credentials = pgTable(
  'credentials',
  {
    tenantId: tenantId(),
    id: typeId('id', 'credential').notNull(),
    name: text('name').notNull(),
    tool: text('tool').notNull(),
    kind: oneOf('kind', credentialKinds).notNull(),
    /** What leases of it may be for; a lease is for some of them. */
    scopes: text('scopes').array().notNull(),
    /** Agents of this environment only; null = of any. */
    environment: text('environment'),
    ownerUserId: typeId('owner_user_id', 'user'),
    /** From what it was made; it dies with it. */
    parentId: typeId('parent_id', 'credential'),
    /** Where it was made; null = nobody has said. */
    providerId: typeId('provider_id', 'provider'),
    /** The provider's own name of it, where it has one: a Vault lease id. Not secret. */
    externalRef: text('external_ref'),
    /** When it dies by itself at its tool; null = never, or unknown. */
    expiresAt: instant('expires_at'),
    /** Life of a lease at most. */
    leaseSecondsMax: integer('lease_seconds_max').notNull(),
    /** Leases only for an action that holds a permit. */
    isActionRequired: boolean('is_action_required').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
    /** Last introspection of one of its leases that was live; exact to some seconds. */
    lastUsedAt: instant('last_used_at'),
    secretWatch: oneOf('secret_watch', secretWatches).notNull().default('pending'),
    /** From here on nothing is issued of it and none of its leases is live. */
    revokeRequestedAt: instant('revoke_requested_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('credentials_name').on(t.tenantId, t.name),
    foreignKey({ columns: [t.tenantId, t.parentId], foreignColumns: [t.tenantId, t.id] }),
    foreignKey({
      columns: [t.tenantId, t.providerId],
      foreignColumns: [providers.tenantId, providers.id],
    }),
    // Which credential an agent's wish for a tool finds.
    index('credentials_tool').on(t.tenantId, t.tool),
    // What dies with a credential.
    index('credentials_parent').on(t.tenantId, t.parentId),
    tenantPolicy(),
  ],
).enableRLS();

/** Agents that may take leases of a credential; none listed = nobody. */
export const credentialHolders = pgTable(
  'credential_holders',
  {
    tenantId: tenantId(),
    credentialId: typeId('credential_id', 'credential').notNull(),
    agentId: typeId('agent_id', 'agent').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.credentialId, t.agentId] }),
    foreignKey({
      columns: [t.tenantId, t.credentialId],
      foreignColumns: [credentials.tenantId, credentials.id],
    }),
    // What one agent may take.
    index('credential_holders_agent').on(t.tenantId, t.agentId),
    tenantPolicy(),
  ],
).enableRLS();

/** Sealed secrets by what they belong to (`crd_…`). The web writes them and cannot read them back. */
export const sealedSecrets = pgTable(
  'sealed_secrets',
  {
    tenantId: tenantId(),
    subjectId: text('subject_id').notNull(),
    dataKeyVersion: integer('data_key_version').notNull(),
    /** Nonce, ciphertext, tag; bound to tenant and subject. */
    sealed: bytes('sealed').notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.subjectId] }),
    foreignKey({
      columns: [t.tenantId, t.dataKeyVersion],
      foreignColumns: [dataKeys.tenantId, dataKeys.version],
    }),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * By what kept secrets are recognised in telemetry, one row a spelling. Both values are keyed by what
 * lies outside the database: neither shows anything of a secret, nor proves a guess.
 */
export const credentialMarks = pgTable(
  'credential_marks',
  {
    tenantId: tenantId(),
    credentialId: typeId('credential_id', 'credential').notNull(),
    part: integer('part').notNull(),
    form: text('form').notNull(),
    /** Of the spelling, and of the stretch of it that is looked for; UTF-16 code units. */
    chars: integer('chars').notNull(),
    coreAt: integer('core_at').notNull(),
    coreChars: integer('core_chars').notNull(),
    window: integer('window_hash').notNull(),
    commitment: bytes('commitment').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.credentialId, t.part] }),
    foreignKey({
      columns: [t.tenantId, t.credentialId],
      foreignColumns: [credentials.tenantId, credentials.id],
    }),
    tenantPolicy(),
  ],
).enableRLS();

/** What was seen of a credential outside of the broker, by agent and evidence. */
export const credentialSightings = pgTable(
  'credential_sightings',
  {
    tenantId: tenantId(),
    credentialId: typeId('credential_id', 'credential').notNull(),
    agentId: typeId('agent_id', 'agent').notNull(),
    evidence: oneOf('evidence', outsideEvidence).notNull(),
    /** The agent's own key told of it, or our own door saw it; else its name is a claim. */
    isVerified: boolean('is_verified').notNull(),
    times: integer('times').notNull(),
    firstAt: instant('first_at').notNull(),
    lastAt: instant('last_at').notNull(),
    /** The last event that shows it, and its trace; null where no event does. */
    eventId: text('event_id'),
    traceId: traceId('trace_id'),
  },
  (t) => [
    primaryKey({
      name: 'credential_sightings_pk',
      columns: [t.tenantId, t.credentialId, t.agentId, t.evidence, t.isVerified],
    }),
    foreignKey({
      columns: [t.tenantId, t.credentialId],
      foreignColumns: [credentials.tenantId, credentials.id],
    }),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * What an agent holds instead of a secret: a token for one tool and some scopes, minutes long.
 * Whether it is live is never stored: it follows from the clock, the stops, the agent, its key and the
 * credential, read at each introspection (`server/credentials/judge-lease.ts`).
 */
export const leases = pgTable(
  'leases',
  {
    tenantId: tenantId(),
    id: typeId('id', 'lease').notNull(),
    tokenHash: bytes('token_hash').notNull(),
    tokenFormat: oneOf('token_format', leaseTokenFormats).notNull().default('opaque'),
    credentialId: typeId('credential_id', 'credential').notNull(),
    agentId: typeId('agent_id', 'agent').notNull(),
    /** With which key it was taken; dies with it. */
    keyId: typeId('key_id', 'key').notNull(),
    tool: text('tool').notNull(),
    scopes: text('scopes').array().notNull(),
    /** Of the agent when it was taken. */
    environment: text('environment').notNull(),
    /** Of the action it was taken for. */
    sessionId: text('session_id'),
    actionId: typeId('action_id', 'action'),
    /** Of the tenant's stops when it was taken; a later stop that covers it ends it for good. */
    epoch: bigint('epoch', { mode: 'number' }).notNull(),
    issuedAt: instant('issued_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    expiresAt: instant('expires_at').notNull(),
    lastUsedAt: instant('last_used_at'),
    endedAt: instant('ended_at'),
    ended: oneOf('ended', leaseEnds),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('leases_token').on(t.tenantId, t.tokenHash),
    foreignKey({
      columns: [t.tenantId, t.credentialId],
      foreignColumns: [credentials.tenantId, credentials.id],
    }),
    // How many an agent holds, and those of one of its sessions.
    index('leases_agent').on(t.tenantId, t.agentId, t.expiresAt),
    // What dies with a credential, and who used it last.
    index('leases_credential').on(t.tenantId, t.credentialId, t.expiresAt),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * How far the revocation of a credential has come, once for its leases here and once at its provider.
 * A row is worked by whichever worker claims it; each step commits with its evidence, so a crash leaves
 * what is true, and the step is taken again.
 */
export const revocations = pgTable(
  'revocations',
  {
    tenantId: tenantId(),
    id: typeId('id', 'revocation').notNull(),
    credentialId: typeId('credential_id', 'credential').notNull(),
    target: oneOf('target', revocationTargets).notNull(),
    /** Of the target `provider`; null where nobody knows one. */
    providerId: typeId('provider_id', 'provider'),
    state: oneOf('state', revocationStates).notNull().default('requested'),
    /** The last word on it, for people. */
    says: text('says').notNull(),
    requestedAt: instant('requested_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    requestedBy: text('requested_by').notNull(),
    reason: text('reason').notNull(),
    /** Where the cascade began, and how far below it this one lies: parents go first. */
    rootId: typeId('root_id', 'credential').notNull(),
    depth: integer('depth').notNull(),
    /** Steps that came to nothing in this state. */
    attempts: integer('attempts').notNull().default(0),
    /** A probe called it live before anything was sent. */
    wasLiveAt: instant('was_live_at'),
    sentAt: instant('sent_at'),
    confirmedAt: instant('confirmed_at'),
    verifiedAt: instant('verified_at'),
    /** Of what cannot be proven dead: the last moment at which it may live; null = nobody knows. */
    lastValidAt: instant('last_valid_at'),
    /** Of the leases here: until when a verifier that does not ask here takes one; null = none. */
    offlineUntil: instant('offline_until'),
    /** Null once nothing more happens by itself. */
    nextAttemptAt: instant('next_attempt_at').default(sql`clock_timestamp()`),
    claimedUntil: instant('claimed_until'),
    /** Life of the database in which it was asked for: a restored one sends nothing by itself. */
    incarnation: integer('incarnation').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('revocations_target').on(t.tenantId, t.credentialId, t.target),
    foreignKey({
      columns: [t.tenantId, t.credentialId],
      foreignColumns: [credentials.tenantId, credentials.id],
    }),
    // What is due, over all tenants: the worker asks every quarter of a second.
    index('revocations_due')
      .on(t.nextAttemptAt)
      .where(sql`next_attempt_at is not null`),
    // What was proven dead of late, which other systems are told.
    index('revocations_verified')
      .on(t.tenantId, t.verifiedAt)
      .where(sql`verified_at is not null`),
    // A cascade: whether a parent still waits for its first attempt.
    index('revocations_root').on(t.tenantId, t.rootId, t.depth),
    tenantPolicy(),
  ],
).enableRLS();

/** What happened in a revocation, with its evidence: never a token, never a body. */
export const revocationSteps = pgTable(
  'revocation_steps',
  {
    tenantId: tenantId(),
    id: typeId('id', 'revocationStep').notNull(),
    revocationId: typeId('revocation_id', 'revocation').notNull(),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
    step: oneOf('step', revocationStepKinds).notNull(),
    state: oneOf('state', revocationStates).notNull(),
    verdict: text('verdict').notNull(),
    /** Where it was asked, and the HTTP status; null for what was not asked. */
    host: text('host'),
    status: integer('status'),
    says: text('says').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({
      columns: [t.tenantId, t.revocationId],
      foreignColumns: [revocations.tenantId, revocations.id],
    }),
    // The ladder of one revocation, in its order.
    index('revocation_steps_of').on(t.tenantId, t.revocationId, t.at),
    tenantPolicy(),
  ],
).enableRLS();
