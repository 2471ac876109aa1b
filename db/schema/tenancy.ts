import { sql } from 'drizzle-orm';
import {
  boolean,
  index,
  integer,
  pgPolicy,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import {
  bytes,
  createdAt,
  instant,
  oneOf,
  tenantId,
  type TenantId,
  tenantPolicy,
  typeId,
} from '../columns.ts';
import { keyKinds } from '../enums.ts';

/** The customer spaces. Global: a tenant's own row is found before any tenant is known. */
export const tenants = pgTable(
  'tenants',
  {
    id: typeId<TenantId>('id', 'tenant').primaryKey(),
    slug: text('slug').notNull().unique(),
    name: text('name').notNull(),
    isDemo: boolean('is_demo').notNull().default(false),
    createdAt: createdAt(),
  },
  () => [
    pgPolicy('own_tenant', {
      for: 'select',
      to: 'public',
      using: sql`id = nullif(current_setting('app.tenant', true), '')::uuid`,
    }),
  ],
).enableRLS();

/**
 * People. Global, because an e-mail is looked up before any tenant is known; the application sees
 * only people of the current tenant, and never the password hash (column grants).
 */
export const users = pgTable(
  'users',
  {
    id: typeId('id', 'user').primaryKey(),
    email: text('email').notNull(),
    name: text('name').notNull(),
    passwordHash: text('password_hash').notNull(),
    disabledAt: instant('disabled_at'),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('users_email_key').on(sql`lower(${t.email})`),
    pgPolicy('same_tenant', {
      for: 'select',
      to: 'public',
      using: sql`exists (select 1 from memberships m where m.user_id = users.id
        and m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)`,
    }),
  ],
).enableRLS();

/** What a person may do in a tenant. Removed memberships are deleted; the audit log remembers. */
export const memberships = pgTable(
  'memberships',
  {
    tenantId: tenantId(),
    userId: typeId('user_id', 'user')
      .notNull()
      .references(() => users.id),
    roles: text('roles').array().notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId] }), tenantPolicy()],
).enableRLS();

/**
 * One sign-in of one person, re-read at every call, so that it can be ended at once. Global: it is
 * looked up by its id before the tenant is known, through security-definer functions only.
 */
export const signIns = pgTable(
  'sign_ins',
  {
    id: typeId('id', 'signIn').primaryKey(),
    userId: typeId('user_id', 'user')
      .notNull()
      .references(() => users.id),
    createdAt: createdAt(),
    lastSeenAt: instant('last_seen_at')
      .notNull()
      .default(sql`now()`),
    expiresAt: instant('expires_at').notNull(),
    endedAt: instant('ended_at'),
    address: text('address').notNull(),
    userAgent: text('user_agent').notNull(),
  },
  // Ends all sign-ins of one person.
  (t) => [index('sign_ins_user').on(t.userId)],
).enableRLS();

/** Failed sign-ins by subject (hash of an e-mail or address); shared by all web processes. */
export const signInFailures = pgTable('sign_in_failures', {
  subject: bytes('subject').primaryKey(),
  failures: integer('failures').notNull(),
  windowStartedAt: instant('window_started_at')
    .notNull()
    .default(sql`now()`),
}).enableRLS();

/** Machine keys. Only a hash is stored; looked up by it through a security-definer function. */
export const apiKeys = pgTable(
  'api_keys',
  {
    tenantId: tenantId(),
    id: typeId('id', 'key').notNull(),
    kind: oneOf('kind', keyKinds).notNull(),
    name: text('name').notNull(),
    /** The public half, shown in lists so that a person can tell keys apart. */
    prefix: text('prefix').notNull(),
    secretHash: bytes('secret_hash').notNull(),
    agentId: typeId('agent_id', 'agent'),
    /** Tools an enforcer key is bound to; empty = none, never "any". */
    tools: text('tools')
      .array()
      .notNull()
      .default(sql`'{}'`),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    lastUsedAt: instant('last_used_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('api_keys_secret_hash').on(t.tenantId, t.secretHash),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * Which tenant a key belongs to, by the hash of its 256 random bits. Global: it is asked before the
 * tenant is known, only by auth_find_key(); a trigger on api_keys fills it.
 */
export const apiKeyIndex = pgTable('api_key_index', {
  secretHash: bytes('secret_hash').primaryKey(),
  tenantId: tenantId(),
  keyId: typeId('key_id', 'key').notNull(),
}).enableRLS();

/**
 * Which tenant a transmitter of security events belongs to, by the id in its address. Global: it is
 * asked before the tenant is known, only by auth_find_transmitter(); a trigger on transmitters fills it.
 */
export const transmitterIndex = pgTable('transmitter_index', {
  transmitterId: typeId('transmitter_id', 'transmitter').primaryKey(),
  tenantId: tenantId(),
}).enableRLS();

/** Which running processes there are, for readiness and `doctor`. Global: no tenant's data. */
export const processes = pgTable('processes', {
  id: text('id').primaryKey(),
  role: text('role').notNull(),
  host: text('host').notNull(),
  /** Since when it is in touch with the database without a gap. */
  startedAt: instant('started_at')
    .notNull()
    .default(sql`now()`),
  lastSeenAt: instant('last_seen_at')
    .notNull()
    .default(sql`now()`),
  /** Fingerprints of the secret files, which must be equal on all processes. */
  fingerprints: text('fingerprints').notNull(),
});

/**
 * The master keys under which data keys may lie wrapped, by the name that their keeper gives them: one,
 * and two while one is exchanged for another. A trigger on data_keys refuses every other name. Global:
 * one master key is of all tenants.
 */
export const masterKeys = pgTable('master_keys', {
  name: text('name').primaryKey(),
  /**
   * The key from which all keys are derived that are stored nowhere, wrapped by this master key; null =
   * this master key itself, the first one.
   */
  derivation: bytes('derivation'),
  createdAt: createdAt(),
});

/**
 * Which life of the database this is. Transaction ids start again after a restore, so positions
 * begin with this number. One row.
 */
export const logIncarnation = pgTable('log_incarnation', {
  singleton: boolean('singleton').primaryKey().default(true),
  incarnation: integer('incarnation').notNull(),
  /** System identifier and timeline that the number belongs to. */
  cluster: text('cluster').notNull(),
});
