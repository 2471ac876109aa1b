import { sql } from 'drizzle-orm';
import {
  boolean,
  index,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { createdAt, instant, oneOf, tenantId, tenantPolicy, typeId } from '../columns.ts';
import { agentStates, effectClasses } from '../enums.ts';

/** Registered agents. One that telemetry names first is registered by that (owner unknown). */
export const agents = pgTable(
  'agents',
  {
    tenantId: tenantId(),
    id: typeId('id', 'agent').notNull(),
    slug: text('slug').notNull(),
    ownerUserId: typeId('owner_user_id', 'user'),
    environment: text('environment').notNull().default('production'),
    state: oneOf('state', agentStates).notNull().default('active'),
    /** May be stopped for exercise at any time: nobody depends on its work. */
    isDrill: boolean('is_drill').notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('agents_slug').on(t.tenantId, t.slug),
    tenantPolicy(),
  ],
).enableRLS();

/** Running copies of an agent, as telemetry names them; kept by the trace assembler. */
export const agentInstances = pgTable(
  'agent_instances',
  {
    tenantId: tenantId(),
    agentId: typeId('agent_id', 'agent').notNull(),
    /** The caller's own id; `-` where telemetry names none. */
    instanceId: text('instance_id').notNull(),
    firstSeenAt: instant('first_seen_at').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
    /** When the latest thing it is known to have done began: as it says, but never after we heard of it. */
    lastStartedAt: instant('last_started_at'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.agentId, t.instanceId] }), tenantPolicy()],
).enableRLS();

/**
 * What a tool can do: the facts that risk and rules are computed from. A tool that is not here is
 * the worst of each.
 */
export const tools = pgTable(
  'tools',
  {
    tenantId: tenantId(),
    id: typeId('id', 'tool').notNull(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    /** 0 = undone by itself … 4 = cannot be undone. */
    reversibility: smallint('reversibility').notNull(),
    /** 0 = public data … 4 = secrets, health, money. */
    sensitivity: smallint('sensitivity').notNull(),
    /** 0 = one record of one's own … 4 = everybody. */
    blastRadius: smallint('blast_radius').notNull(),
    effectClass: oneOf('effect_class', effectClasses).notNull(),
    /** Argument names that an approval binds; null = all of them. */
    loadBearingFields: text('load_bearing_fields').array(),
    schema: jsonb('schema'),
    /** A call of it without a redeemed permit is a bypass, whoever calls. */
    isGoverned: boolean('is_governed').notNull().default(false),
    origin: text('origin', { enum: ['seeded', 'custom'] })
      .notNull()
      .default('custom'),
    updatedAt: instant('updated_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('tools_name').on(t.tenantId, t.name),
    index('tools_effect').on(t.tenantId, t.effectClass),
    tenantPolicy(),
  ],
).enableRLS();
