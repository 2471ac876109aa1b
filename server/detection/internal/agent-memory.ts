import type { Tx } from '#db/client.ts';
import {
  type Baseline,
  copyBaseline,
  decodeBaseline,
  encodeBaseline,
  isOfBaseline,
  noBaseline,
  noteBaseline,
  storedBaselineSchema,
} from '#server/detection/baseline/baseline.ts';
import { type BaselineFacts, noBaselineFacts } from '#server/detection/baseline/readings.ts';
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
import {
  definitionsOf,
  type KnownDefinitions,
  knownDefinitionsSchema,
  noDefinitions,
  noteDefinitions,
} from '#server/detection/tool-definitions.ts';
import {
  noTallies,
  noteTally,
  type TraceTallies,
  traceTalliesSchema,
  type TraceTally,
} from '#server/detection/trace-tally.ts';
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
  readonly noteDestinations: (
    event: StoredEvent,
    destinations: readonly string[],
  ) => FreshDestinations;
  /** What has been counted of the event's trace up to it; null where it counts for nothing. */
  readonly noteTally: (event: StoredEvent) => TraceTally | null;
  /** Tools that the event brings another definition of than the agent was given before. */
  readonly noteDefinitions: (event: StoredEvent) => readonly string[];
  /** What the event is against what its agent usually does, and takes it into that. */
  readonly noteBaseline: (event: StoredEvent) => BaselineFacts;
  /** What has to be written; what a batch left as it was is not. */
  readonly changed: () => StateRow[];
  /** Takes what the batch left over into what is known, once it stands in the database. */
  readonly keep: () => void;
}

export interface FreshDestinations {
  readonly fresh: readonly string[];
  /** The agent has sent to enough places before this one to have habits. */
  readonly isSettled: boolean;
}

/** What is known of agents, as it stands in the database: by the key of each agent. */
export interface KnownAgents {
  /** Agents that were looked for; of one that is here and in no map nothing is remembered. */
  readonly looked: Set<string>;
  readonly habits: Map<string, ToolHabit>;
  readonly rates: Map<string, ErrorRate>;
  readonly destinations: Map<string, Set<string>>;
  readonly tallies: Map<string, TraceTallies>;
  readonly definitions: Map<string, KnownDefinitions>;
  readonly baselines: Map<string, Baseline>;
}

export function knownAgents(): KnownAgents {
  return {
    looked: new Set(),
    habits: new Map(),
    rates: new Map(),
    destinations: new Map(),
    tallies: new Map(),
    definitions: new Map(),
    baselines: new Map(),
  };
}

const scopes = {
  firstUse: 'first_use',
  errorRate: 'error_rate_5m',
  destinations: 'destinations',
  tallies: 'trace_tallies',
  definitions: 'tool_definitions',
  baselines: 'baseline',
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
  const habits = new Changes(known.habits, noHabit);
  const rates = new Changes(known.rates, noErrorRate);
  const tallies = new Changes(known.tallies, noTallies);
  const definitions = new Changes(known.definitions, noDefinitions);
  const destinations = new Changes(known.destinations, new Set<string>());
  const baselines = new Changes(known.baselines, noBaseline());
  return {
    noteCall: (event) => {
      if (event.kind !== 'tool_call' || event.name === null) return null;
      if (event.phase === 'end' || event.revision > 0) return null;
      const key = agentKeyOf(event);
      const { next, isFirst } = noteCall(habits.get(key), event.name);
      habits.set(key, next);
      return isFirst;
    },
    noteOutcome: (event) => {
      if (event.phase === 'start' || event.revision > 0) return null;
      const key = agentKeyOf(event);
      const isError = event.status === 'error';
      const { next, rate } = noteOutcome(rates.get(key), eventTimeOf(event), isError);
      rates.set(key, next);
      return rate;
    },
    noteDestinations: (event, named) => takeDestinations(destinations, event, named),
    noteTally: (event) => {
      const key = agentKeyOf(event);
      const { next, tally } = noteTally(tallies.get(key), event);
      tallies.set(key, next);
      return tally;
    },
    noteDefinitions: (event) => {
      const given = definitionsOf(event);
      if (given.size === 0) return [];
      const key = agentKeyOf(event);
      const { next, changed } = noteDefinitions(definitions.get(key), given);
      definitions.set(key, next);
      return changed;
    },
    noteBaseline: (event) => {
      if (!isOfBaseline(event)) return noBaselineFacts;
      return noteBaseline(baselines.own(agentKeyOf(event), copyBaseline), event);
    },
    changed: () => [
      ...habits.rows(scopes.firstUse),
      ...rates.rows(scopes.errorRate),
      ...tallies.rows(scopes.tallies),
      ...definitions.rows(scopes.definitions),
      ...destinations.rows(scopes.destinations, (seen) => ({ seen: [...seen] })),
      ...baselines.rows(scopes.baselines, encodeBaseline),
    ],
    keep: () => {
      const all = [habits, rates, tallies, definitions, destinations, baselines];
      for (const changes of all) changes.keep();
    },
  };
}

function takeDestinations(
  destinations: Changes<Set<string>>,
  event: StoredEvent,
  named: readonly string[],
): FreshDestinations {
  if (event.phase === 'end' || event.revision > 0) return { fresh: [], isSettled: false };
  const key = agentKeyOf(event);
  const seen = destinations.get(key);
  const isSettled = seen.size >= limits.destinationsHabitMin;
  const fresh = named.filter((destination) => !seen.has(destinationName(destination)));
  if (fresh.length === 0) return { fresh, isSettled };
  const own = destinations.own(key, (found) => new Set(found));
  for (const destination of fresh) {
    if (own.size < limits.destinationsKnownMax) own.add(destinationName(destination));
  }
  return { fresh, isSettled };
}

/** One kind of memory during a batch: as it was found, with what the batch has changed over it. */
class Changes<State> {
  readonly #known: Map<string, State>;
  readonly #none: State;
  readonly #changed = new Map<string, State>();

  constructor(known: Map<string, State>, none: State) {
    this.#known = known;
    this.#none = none;
  }

  get(key: string): State {
    return this.#changed.get(key) ?? this.#known.get(key) ?? this.#none;
  }

  /** A state that is the one found needs no writing. */
  set(key: string, state: State): void {
    if (state !== this.get(key)) this.#changed.set(key, state);
  }

  /** A state to be changed in place: a copy of the one found, once for the batch. */
  own(key: string, copy: (state: State) => State): State {
    const own = this.#changed.get(key) ?? copy(this.get(key));
    this.#changed.set(key, own);
    return own;
  }

  rows(scope: string, encode: (state: State) => unknown = (state) => state): StateRow[] {
    return [...this.#changed].map(([key, state]) => ({
      scope,
      key,
      part: 0,
      state: encode(state),
    }));
  }

  keep(): void {
    for (const [key, state] of this.#changed) this.#known.set(key, state);
  }
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
    else if (scope === scopes.tallies) known.tallies.set(key, traceTalliesSchema.parse(state));
    else if (scope === scopes.definitions) {
      known.definitions.set(key, knownDefinitionsSchema.parse(state));
    } else if (scope === scopes.baselines) {
      known.baselines.set(key, decodeBaseline(storedBaselineSchema.parse(state)));
    } else known.destinations.set(key, new Set(knownDestinationsSchema.parse(state).seen));
  }
}
