import type { Tx } from '#db/client.ts';
import { destinationName, knownDestinationsSchema } from '#server/detection/destinations.ts';
import {
  type ErrorRate,
  errorRateSchema,
  noErrorRate,
  noteOutcome,
} from '#server/detection/error-rate.ts';
import { eventTimeOf } from '#server/detection/event-time.ts';
import { noHabit, noteCall, type ToolHabit, toolHabitSchema } from '#server/detection/first-use.ts';
import {
  readStates,
  type StateKey,
  type StateRow,
} from '#server/detection/internal/detector-state.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/** What the detector remembers of each agent, as a batch finds it and leaves it. */
export interface AgentMemory {
  /** Whether the call is the agent's first of its tool; null when that says nothing. */
  readonly noteCall: (event: StoredEvent) => boolean | null;
  /** The agent's error rate up to this event; null under the floor. */
  readonly noteOutcome: (event: StoredEvent) => number | null;
  /** Takes a call's destinations in and answers those that the agent never sent to before. */
  readonly noteDestinations: (event: StoredEvent, destinations: readonly string[]) => string[];
  /** What has to be written; what a batch left as it was is not. */
  readonly changed: () => StateRow[];
  /** Takes what the batch left over into what is known, once it stands in the database. */
  readonly keep: () => void;
}

/** What is known of agents, as it stands in the database: by the key of each agent. */
export interface KnownAgents {
  /** Agents that were looked for; of one that is here and in no map nothing is remembered. */
  readonly looked: Set<string>;
  readonly habits: Map<string, ToolHabit>;
  readonly rates: Map<string, ErrorRate>;
  readonly destinations: Map<string, ReadonlySet<string>>;
}

export function knownAgents(): KnownAgents {
  return { looked: new Set(), habits: new Map(), rates: new Map(), destinations: new Map() };
}

const scopes = {
  firstUse: 'first_use',
  errorRate: 'error_rate_5m',
  destinations: 'destinations',
} as const;

/**
 * What an ingest key claims of an agent never feeds the habits of the verified one. A call that is
 * told twice (start and end) counts at its start, its outcome at its end, a revision not at all.
 */
function agentKeyOf(event: StoredEvent): string {
  return event.identity === 'verified' ? event.agentId : `${event.agentId}:claimed`;
}

/** Loads what is not known yet of the batch's agents, and works in copies from there. */
export async function readAgentMemory(
  tx: Tx,
  ctx: Ctx,
  batch: readonly StoredEvent[],
  known: KnownAgents,
): Promise<AgentMemory> {
  await loadAgents(tx, ctx, new Set(batch.map(agentKeyOf)), known);
  const habits = new Map<string, ToolHabit>();
  const rates = new Map<string, ErrorRate>();
  const destinations = new Map<string, Set<string>>();
  return {
    noteCall: (event) => {
      if (event.kind !== 'tool_call' || event.name === null) return null;
      if (event.phase === 'end' || event.revision > 0) return null;
      const key = agentKeyOf(event);
      const habit = habits.get(key) ?? known.habits.get(key) ?? noHabit;
      const { next, isFirst } = noteCall(habit, event.name);
      if (next !== habit) habits.set(key, next);
      return isFirst;
    },
    noteOutcome: (event) => {
      if (event.phase === 'start' || event.revision > 0) return null;
      const key = agentKeyOf(event);
      const before = rates.get(key) ?? known.rates.get(key) ?? noErrorRate;
      const { next, rate } = noteOutcome(before, eventTimeOf(event), event.status === 'error');
      if (next !== before) rates.set(key, next);
      return rate;
    },
    noteDestinations: (event, named) => {
      if (event.phase === 'end' || event.revision > 0) return [];
      const key = agentKeyOf(event);
      const seen = destinations.get(key) ?? known.destinations.get(key) ?? new Set<string>();
      const fresh = named.filter((destination) => !seen.has(destinationName(destination)));
      if (fresh.length === 0) return [];
      const grown = destinations.get(key) ?? new Set(seen);
      for (const destination of fresh) {
        if (grown.size < limits.destinationsKnownMax) grown.add(destinationName(destination));
      }
      destinations.set(key, grown);
      return fresh;
    },
    changed: () => [
      ...rowsOf(scopes.firstUse, habits),
      ...rowsOf(scopes.errorRate, rates),
      ...[...destinations].map(([key, seen]) => ({
        scope: scopes.destinations,
        key,
        part: 0,
        state: { seen: [...seen] },
      })),
    ],
    keep: () => {
      for (const [key, habit] of habits) known.habits.set(key, habit);
      for (const [key, rate] of rates) known.rates.set(key, rate);
      for (const [key, seen] of destinations) known.destinations.set(key, seen);
    },
  };
}

async function loadAgents(
  tx: Tx,
  ctx: Ctx,
  agents: ReadonlySet<string>,
  known: KnownAgents,
): Promise<void> {
  const missing = [...agents].filter((key) => !known.looked.has(key));
  if (missing.length === 0) return;
  const wanted = missing.flatMap((key) =>
    Object.values(scopes).map((scope): StateKey => ({ scope, key })),
  );
  const rows = await readStates(tx, ctx, wanted);
  for (const key of missing) known.looked.add(key);
  for (const { scope, key, state } of rows) {
    if (scope === scopes.firstUse) known.habits.set(key, toolHabitSchema.parse(state));
    else if (scope === scopes.errorRate) known.rates.set(key, errorRateSchema.parse(state));
    else known.destinations.set(key, new Set(knownDestinationsSchema.parse(state).seen));
  }
}

function rowsOf(scope: string, states: ReadonlyMap<string, unknown>): StateRow[] {
  return [...states].map(([key, state]) => ({ scope, key, part: 0, state }));
}
