import type { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { destinationName, knownDestinationsSchema } from '#server/detection/destinations.ts';
import { errorRateSchema, noErrorRate, noteOutcome } from '#server/detection/error-rate.ts';
import { eventTimeOf } from '#server/detection/event-time.ts';
import { noHabit, noteCall, toolHabitSchema } from '#server/detection/first-use.ts';
import {
  readStates,
  type StateKey,
  type StateRow,
} from '#server/detection/internal/detector-state.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/** What the detector remembers of each agent, read once and written once for a batch. */
export interface AgentMemory {
  /** Whether the call is the agent's first of its tool; null when that says nothing. */
  readonly noteCall: (event: StoredEvent) => boolean | null;
  /** The agent's error rate up to this event; null under the floor. */
  readonly noteOutcome: (event: StoredEvent) => number | null;
  /** Takes a call's destinations in and answers those that the agent never sent to before. */
  readonly noteDestinations: (event: StoredEvent, destinations: readonly string[]) => string[];
  /** What has to be written; what a batch left as it was is not. */
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
  const known = new Map(
    [...statesOf(rows, scopes.destinations, knownDestinationsSchema)].map(
      ([key, { seen }]): [string, Set<string>] => [key, new Set(seen)],
    ),
  );
  const grown = new Set<string>();
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
      const at = eventTimeOf(event);
      const isError = event.status === 'error';
      const { next, rate } = noteOutcome(rates.get(key) ?? noErrorRate, at, isError);
      rates.set(key, next);
      return rate;
    },
    noteDestinations: (event, destinations) => {
      if (event.phase === 'end' || event.revision > 0) return [];
      const key = agentKeyOf(event);
      const seen = known.get(key) ?? new Set<string>();
      const fresh = destinations.filter((destination) => !seen.has(destinationName(destination)));
      if (fresh.length === 0) return [];
      for (const destination of fresh) {
        if (seen.size < limits.destinationsKnownMax) seen.add(destinationName(destination));
      }
      known.set(key, seen);
      grown.add(key);
      return fresh;
    },
    changed: () => [
      ...rowsOf(scopes.firstUse, habits),
      ...rowsOf(scopes.errorRate, rates),
      ...[...grown].map((key) => ({
        scope: scopes.destinations,
        key,
        state: { seen: [...(known.get(key) ?? [])] },
      })),
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
