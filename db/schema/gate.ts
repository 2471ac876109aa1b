import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { instant, oneOf, tenantId, tenantPolicy, typeId, xid8 } from '../columns.ts';
import { actorTypes, controlNouns, recoveryPoints, stopScopeKinds, stopStates } from '../enums.ts';
import { agents } from './agents.ts';

/**
 * How often stops of a tenant were placed or lifted; grows with each. Its own row, so that two
 * stops of one tenant get two numbers; decisions read it and never write it.
 */
export const stopEpochs = pgTable(
  'stop_epochs',
  {
    tenantId: tenantId(),
    epoch: bigint('epoch', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId] }), tenantPolicy()],
).enableRLS();

/**
 * Standing orders that halt a scope. In force from the commit of the row on until `lifted_at`, which
 * may lie ahead (a lift from the host waits). The times are `clock_timestamp()`: `now()` is the start
 * of the transaction and could lie before a decision that was made without seeing the stop.
 */
export const stops = pgTable(
  'stops',
  {
    tenantId: tenantId(),
    id: typeId('id', 'stop').notNull(),
    scopeKind: oneOf('scope_kind', stopScopeKinds).notNull(),
    /** What is stopped: `agt_…`, a session's or environment's or tool's name; empty for a tenant. */
    scopeId: text('scope_id').notNull(),
    /** What people call it: the agent's slug, the tenant's name. */
    scopeLabel: text('scope_label').notNull(),
    /** The agent at the root of a tree's stop, for the look-up of its descendants; null for others. */
    treeRootId: typeId('tree_root_id', 'agent'),
    /** 1 pause new, 2 stop running, 3 isolate, 4 quarantine. */
    level: smallint('level').notNull(),
    reason: text('reason').notNull(),
    state: oneOf('state', stopStates).notNull(),
    /** Permits that were issued under a lower number are dead for good where this stop covers. */
    epoch: bigint('epoch', { mode: 'number' }).notNull(),
    placedByType: oneOf('placed_by_type', actorTypes).notNull(),
    placedById: text('placed_by_id').notNull(),
    placedByLabel: text('placed_by_label').notNull(),
    placedAt: instant('placed_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** When the drain was over: from here on nothing is granted or redeemed in the scope. */
    acknowledgedAt: instant('acknowledged_at'),
    liftedAt: instant('lifted_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // A second press finds the first; two that press at once make one stop.
    uniqueIndex('stops_standing')
      .on(t.tenantId, t.scopeKind, t.scopeId)
      .where(sql`state <> 'lifted'`),
    // Every decision asks which stops stand; lifted ones are asked for by scope.
    index('stops_by_scope').on(t.tenantId, t.scopeKind, t.scopeId, t.placedAt),
    // The banner and the list, newest first.
    index('stops_recent').on(t.tenantId, t.placedAt.desc(), t.id),
    check('stops_tree_root', sql`(scope_kind = 'tree') = (tree_root_id is not null)`),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * Who has said that a stop may be lifted, wholly or for one agent first, and when; two distinct people
 * for a whole tenant.
 */
export const stopLifts = pgTable(
  'stop_lifts',
  {
    tenantId: tenantId(),
    id: typeId('id', 'lift').notNull(),
    stopId: typeId('stop_id', 'stop').notNull(),
    /** The one agent that may work again; null: all. */
    agentId: typeId('agent_id', 'agent'),
    actorType: oneOf('actor_type', actorTypes).notNull(),
    actorId: text('actor_id').notNull(),
    actorLabel: text('actor_label').notNull(),
    reason: text('reason').notNull(),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.stopId], foreignColumns: [stops.tenantId, stops.id] }),
    // All lifts of one stop.
    index('stop_lifts_stop').on(t.tenantId, t.stopId, t.at),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * Agents that work again, one at a time and watched, while the stop that covers them stands: until the
 * row is ended the stop is for them as if it were lifted.
 */
export const stopResumptions = pgTable(
  'stop_resumptions',
  {
    tenantId: tenantId(),
    stopId: typeId('stop_id', 'stop').notNull(),
    agentId: typeId('agent_id', 'agent').notNull(),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** End of the watch; nothing happens by itself then. */
    watchedUntil: instant('watched_until').notNull(),
    /** When the stop covered the agent again. */
    endedAt: instant('ended_at'),
    /** Why it did, in one sentence. */
    endReason: text('end_reason'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.stopId, t.agentId, t.at] }),
    foreignKey({ columns: [t.tenantId, t.stopId], foreignColumns: [stops.tenantId, stops.id] }),
    foreignKey({ columns: [t.tenantId, t.agentId], foreignColumns: [agents.tenantId, agents.id] }),
    // A decision under a stop of many agents asks for its own.
    uniqueIndex('stop_resumptions_agent')
      .on(t.tenantId, t.agentId, t.stopId)
      .where(sql`ended_at is null`),
    tenantPolicy(),
  ],
).enableRLS();

/** What somebody said of the points to be looked at before a stop is lifted; the last word counts. */
export const stopChecks = pgTable(
  'stop_checks',
  {
    tenantId: tenantId(),
    id: typeId('id', 'check').notNull(),
    stopId: typeId('stop_id', 'stop').notNull(),
    point: oneOf('point', recoveryPoints).notNull(),
    isDone: boolean('is_done').notNull(),
    actorType: oneOf('actor_type', actorTypes).notNull(),
    actorId: text('actor_id').notNull(),
    actorLabel: text('actor_label').notNull(),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.stopId], foreignColumns: [stops.tenantId, stops.id] }),
    // The last word on each point of one stop.
    index('stop_checks_stop').on(t.tenantId, t.stopId, t.point, t.at.desc()),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * Which agent started which other one, as telemetry told it. Rows are only ever added: whoever could
 * remove one could take an agent out of a stop.
 */
export const spawns = pgTable(
  'spawns',
  {
    tenantId: tenantId(),
    parentId: typeId('parent_id', 'agent').notNull(),
    childId: typeId('child_id', 'agent').notNull(),
    /** Told under the parent's own key; else another key claimed it. Both may be there. */
    isVerified: boolean('is_verified').notNull(),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    // The children of an agent, and whether an edge is there already.
    primaryKey({ columns: [t.tenantId, t.parentId, t.childId, t.isVerified] }),
    foreignKey({ columns: [t.tenantId, t.parentId], foreignColumns: [agents.tenantId, agents.id] }),
    foreignKey({ columns: [t.tenantId, t.childId], foreignColumns: [agents.tenantId, agents.id] }),
    // The parents of an agent.
    index('spawns_child').on(t.tenantId, t.childId),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * Whom each agent descends from, over all generations: kept when a spawn is told, so that a decision
 * under a tree's stop makes one look-up and no walk. Only ever added to, like the spawns.
 */
export const agentAncestors = pgTable(
  'agent_ancestors',
  {
    tenantId: tenantId(),
    agentId: typeId('agent_id', 'agent').notNull(),
    /** The nil uuid: more than are kept, so that it counts as in every tree. */
    ancestorId: typeId('ancestor_id', 'agent').notNull(),
    /** Number of the tenant's stops when it joined under a standing one; else 0. */
    epoch: bigint('epoch', { mode: 'number' }).notNull(),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [
    // Every decision under a tree's stop asks for one pair.
    primaryKey({ columns: [t.tenantId, t.agentId, t.ancestorId] }),
    foreignKey({ columns: [t.tenantId, t.agentId], foreignColumns: [agents.tenantId, agents.id] }),
    // The members of a tree, for the ladder, the preview and what joins it with its own children.
    index('agent_ancestors_tree').on(t.tenantId, t.ancestorId, t.agentId),
    tenantPolicy(),
  ],
).enableRLS();

/**
 * What changed on the control plane: what browsers and connected agents are told. One row a change of
 * what somebody waits for (holds, votes, stops, lifts), never one for each allowed action. In the
 * order of positions like the log; `notify` tells that there is one, this says which.
 */
export const controlChanges = pgTable(
  'control_changes',
  {
    tenantId: tenantId(),
    incarnation: smallint('incarnation').notNull(),
    xid: xid8('xid')
      .notNull()
      .default(sql`pg_current_xact_id()`),
    seq: bigint('seq', { mode: 'number' })
      .notNull()
      .default(sql`nextval('control_changes_seq')`),
    noun: oneOf('noun', controlNouns).notNull(),
    subjectId: text('subject_id').notNull(),
    /** `requested`, `voted`, `approved`, `placed`, `lifted`, …: a word of the noun's own contract. */
    change: text('change').notNull(),
    /** Of the agent it concerns; null when it concerns all. */
    agentId: typeId('agent_id', 'agent'),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.incarnation, t.xid, t.seq] }), tenantPolicy()],
).enableRLS();
