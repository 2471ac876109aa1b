import type { z } from 'zod';
import type { Tx } from '#db/client.ts';
import {
  type DestinationFacts,
  destinationsOf,
  knownDestinationsSchema,
  noDestinations,
  noteDestinations,
  type TraceText,
} from '#server/detection/destinations.ts';
import { errorRateSchema, noErrorRate, noteOutcome } from '#server/detection/error-rate.ts';
import { noHabit, noteCall, toolHabitSchema } from '#server/detection/first-use.ts';
import {
  readStates,
  type StateKey,
  type StateRow,
} from '#server/detection/internal/detector-state.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/** What the detector remembers of each agent, read once and written once for a batch. */
export interface AgentMemory {
  /** Whether the call is the agent's first of its tool; null when that says nothing. */
  readonly noteCall: (event: StoredEvent) => boolean | null;
  /** The agent's error rate up to this event; null under the floor. */
  readonly noteOutcome: (event: StoredEvent) => number | null;
  readonly noteDestinations: (
    event: StoredEvent,
    texts: readonly TraceText[],
  ) => DestinationFacts | null;
  readonly changed: () => StateRow[];
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

export async function readAgentMemory(
  tx: Tx,
  ctx: Ctx,
  batch: readonly StoredEvent[],
): Promise<AgentMemory> {
  const keys = [...new Set(batch.map(agentKeyOf))];
  const wanted = keys.flatMap((key) =>
    Object.values(scopes).map((scope): StateKey => ({ scope, key })),
  );
  const rows = await readStates(tx, ctx, wanted);
  const habits = statesOf(rows, scopes.firstUse, toolHabitSchema);
  const rates = statesOf(rows, scopes.errorRate, errorRateSchema);
  const known = statesOf(rows, scopes.destinations, knownDestinationsSchema);
  return {
    noteCall: (event) => {
      if (event.kind !== 'tool_call' || event.name === null) return null;
      if (event.phase === 'end' || event.revision > 0) return null;
      const key = agentKeyOf(event);
      const { next, isFirst } = noteCall(habits.get(key) ?? noHabit, event.name);
      habits.set(key, next);
      return isFirst;
    },
    noteOutcome: (event) => {
      if (event.phase === 'start' || event.revision > 0) return null;
      const key = agentKeyOf(event);
      const at = Date.parse(event.startedAt);
      const isError = event.status === 'error';
      const { next, rate } = noteOutcome(rates.get(key) ?? noErrorRate, at, isError);
      rates.set(key, next);
      return rate;
    },
    noteDestinations: (event, texts) => {
      const destinations = destinationsOf(event.body.input);
      if (destinations.length === 0 || event.phase === 'end' || event.revision > 0) return null;
      const key = agentKeyOf(event);
      const at = Date.parse(event.startedAt);
      const { next, facts } = noteDestinations(
        known.get(key) ?? noDestinations,
        destinations,
        texts,
        at,
      );
      known.set(key, next);
      return facts;
    },
    changed: () => [
      ...rowsOf(scopes.firstUse, habits),
      ...rowsOf(scopes.errorRate, rates),
      ...rowsOf(scopes.destinations, known),
    ],
  };
}

function rowsOf(scope: string, states: ReadonlyMap<string, unknown>): StateRow[] {
  return [...states].map(([key, state]) => ({ scope, key, state }));
}

function statesOf<State>(
  rows: readonly StateRow[],
  scope: string,
  schema: z.ZodType<State>,
): Map<string, State> {
  return new Map(
    rows.filter((row) => row.scope === scope).map((row) => [row.key, schema.parse(row.state)]),
  );
}
