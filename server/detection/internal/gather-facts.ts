import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { tools } from '#db/schema/agents.ts';
import { events } from '#db/schema/telemetry.ts';
import type { z } from 'zod';
import { errorRateSchema, noErrorRate, noteOutcome } from '#server/detection/error-rate.ts';
import type { EventFacts, ToolFacts } from '#server/detection/event-fields.ts';
import { noHabit, noteCall, toolHabitSchema } from '#server/detection/first-use.ts';
import {
  readStates,
  type StateKey,
  type StateRow,
} from '#server/detection/internal/detector-state.ts';
import type { RulePack } from '#server/detection/rule-pack.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/** What is known of each event beside itself, and the memory that this leaves behind. */
export interface GatheredFacts {
  readonly facts: readonly EventFacts[];
  readonly states: readonly StateRow[];
}

const firstUseScope = 'first_use';
const errorRateScope = 'error_rate_5m';

/**
 * Gathers the facts of a batch in the order of the log. Habits and error rates are kept for every
 * agent whether or not a rule asks for them, so that switching a rule on does not start from
 * nothing; what is dear to look up is looked up only for rules that read it.
 */
export async function gatherFacts(
  tx: Tx,
  ctx: Ctx,
  batch: readonly StoredEvent[],
  pack: RulePack,
): Promise<GatheredFacts> {
  const registered = await readTools(tx, ctx, batch);
  const memory = await readMemory(tx, ctx, batch);
  const isAsked = pack.sources.some(({ rules }) =>
    rules.some((rule) => rule.kind === 'detection' && rule.fields.includes('trace.untrusted_seen')),
  );
  const tainted = isAsked ? await readTaintedTraces(tx, ctx, batch) : new Map<string, number>();
  const facts = batch.map((event): EventFacts => {
    const taintedAt = tainted.get(event.traceId);
    return {
      tool: event.kind === 'tool_call' ? (registered.get(event.name ?? '') ?? null) : null,
      isFirstUse: memory.noteCall(event),
      errorRate5m: memory.noteOutcome(event),
      untrustedSeen: taintedAt !== undefined && taintedAt < Date.parse(event.startedAt),
      isStopped: null,
    };
  });
  return { facts, states: memory.changed() };
}

async function readTools(
  tx: Tx,
  ctx: Ctx,
  batch: readonly StoredEvent[],
): Promise<Map<string, ToolFacts>> {
  const names = new Set(
    batch.flatMap(({ kind, name }) => (kind === 'tool_call' && name !== null ? [name] : [])),
  );
  if (names.size === 0) return new Map();
  const rows = await tx
    .select({
      name: tools.name,
      effectClass: tools.effectClass,
      reversibility: tools.reversibility,
      sensitivity: tools.sensitivity,
      blastRadius: tools.blastRadius,
    })
    .from(tools)
    .where(and(eq(tools.tenantId, ctx.tenantId), inArray(tools.name, [...names])));
  return new Map(rows.map(({ name, ...facts }) => [name, facts]));
}

/** When each of the batch's traces first saw something untrusted, in event time. */
async function readTaintedTraces(
  tx: Tx,
  ctx: Ctx,
  batch: readonly StoredEvent[],
): Promise<Map<string, number>> {
  const traces = [...new Set(batch.map((event) => event.traceId))];
  const rows = await tx
    .selectDistinctOn([events.traceId], { traceId: events.traceId, at: events.startedAt })
    .from(events)
    .where(
      and(
        eq(events.tenantId, ctx.tenantId),
        inArray(events.traceId, traces),
        eq(events.trust, 'untrusted'),
      ),
    )
    .orderBy(events.traceId, events.startedAt);
  return new Map(rows.map(({ traceId, at }) => [traceId, Date.parse(at)]));
}

/** What an ingest key claims of an agent never feeds the habits of the verified one. */
function agentKeyOf(event: StoredEvent): string {
  return event.identity === 'verified' ? event.agentId : `${event.agentId}:claimed`;
}

/** The agents' habits and error rates, read once and written once for the batch. */
async function readMemory(tx: Tx, ctx: Ctx, batch: readonly StoredEvent[]) {
  const keys = [...new Set(batch.map(agentKeyOf))];
  const wanted = keys.flatMap((key): StateKey[] => [
    { scope: firstUseScope, key },
    { scope: errorRateScope, key },
  ]);
  const rows = await readStates(tx, ctx, wanted);
  const habits = statesOf(rows, firstUseScope, toolHabitSchema);
  const rates = statesOf(rows, errorRateScope, errorRateSchema);
  return {
    /** A call that tells twice (start and end) counts at its start; a revision not at all. */
    noteCall: (event: StoredEvent): boolean | null => {
      if (event.kind !== 'tool_call' || event.name === null) return null;
      if (event.phase === 'end' || event.revision > 0) return null;
      const key = agentKeyOf(event);
      const { next, isFirst } = noteCall(habits.get(key) ?? noHabit, event.name);
      habits.set(key, next);
      return isFirst;
    },
    noteOutcome: (event: StoredEvent): number | null => {
      if (event.phase === 'start' || event.revision > 0) return null;
      const key = agentKeyOf(event);
      const at = Date.parse(event.startedAt);
      const { next, rate } = noteOutcome(
        rates.get(key) ?? noErrorRate,
        at,
        event.status === 'error',
      );
      rates.set(key, next);
      return rate;
    },
    changed: (): StateRow[] => [
      ...[...habits].map(([key, state]) => ({ scope: firstUseScope, key, state })),
      ...[...rates].map(([key, state]) => ({ scope: errorRateScope, key, state })),
    ],
  };
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
