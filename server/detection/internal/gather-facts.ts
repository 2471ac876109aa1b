import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { tools } from '#db/schema/agents.ts';
import { events } from '#db/schema/telemetry.ts';
import { destinationsOf, isNamedByUntrusted } from '#server/detection/destinations.ts';
import type { EventFacts, ToolFacts } from '#server/detection/event-fields.ts';
import { eventTimeOf, startedAtMs } from '#server/detection/event-time.ts';
import {
  type AgentMemory,
  type FreshDestinations,
  type KnownAgents,
  readAgentMemory,
} from '#server/detection/internal/agent-memory.ts';
import {
  joinGovernedCalls,
  type JoinedCalls,
} from '#server/detection/internal/join-governed-calls.ts';
import { readGovernedCalls } from '#server/detection/internal/read-governed.ts';
import { readLeasedCalls } from '#server/detection/internal/read-leased-calls.ts';
import { readStopSpans } from '#server/detection/internal/read-stop-spans.ts';
import { readTraceTexts } from '#server/detection/internal/read-trace-texts.ts';
import { readsField, readsTally, type RulePack } from '#server/detection/rule-pack.ts';
import { hasEffect, untrustedArgumentsOf } from '#server/detection/untrusted-arguments.ts';
import { scoreContent } from '#server/detection/score-content.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';
import type { TailEvent } from '#server/telemetry/tail-event.ts';

/** What is known of each event beside itself, and the memory that this leaves behind. */
export interface GatheredFacts {
  readonly facts: readonly EventFacts[];
  readonly memory: AgentMemory;
  /** Calls of governed tools, joined with the actions that were redeemed for them. */
  readonly calls: JoinedCalls;
}

/**
 * Gathers the facts of a batch in the order of the log. Habits, error rates, destinations and
 * baselines are kept for every agent whether or not a rule asks for them, so that switching a rule on does not
 * start from nothing; what is dear to look up is looked up only for rules that read it.
 */
export async function gatherFacts(
  tx: Tx,
  ctx: Ctx,
  batch: readonly TailEvent[],
  pack: RulePack,
  { known, isDue }: { readonly known: KnownAgents; readonly isDue: boolean },
): Promise<GatheredFacts> {
  const { registered, marked } = await readTools(tx, ctx, batch);
  const governed = await readGovernedCalls(tx, ctx, batch, marked);
  const calls = await joinGovernedCalls(tx, ctx, governed, isDue);
  const leased = await readLeasedCalls(tx, ctx, batch);
  const stops = readsField(pack, 'agent.stopped')
    ? await readStopSpans(tx, ctx, agentsOf(batch), oldestOf(batch))
    : null;
  const toolOf = (event: StoredEvent) =>
    event.kind === 'tool_call' ? (registered.get(event.name ?? '') ?? null) : null;
  const memory = await readAgentMemory(tx, ctx, batch, known);
  const fresh = findFreshDestinations(
    batch.filter((event) => isSending(toolOf(event))),
    memory,
  );
  const isLinked = readsField(pack, 'tool.arguments.');
  const isTraced = readsField(pack, 'tool.destination.untrusted_new');
  const tainted =
    isLinked || readsField(pack, 'trace.untrusted_seen')
      ? await readTaintedTraces(tx, ctx, tracesOf(batch))
      : new Map<string, number>();
  const isTainted = (event: StoredEvent) =>
    (tainted.get(event.traceId) ?? Infinity) < startedAtMs(event);
  const linked = new Set(
    batch.filter((event) => isLinked && hasEffect(event, toolOf(event)) && isTainted(event)),
  );
  const texts = await readTraceTexts(
    tx,
    ctx,
    tracesOf([...(isTraced ? fresh.keys() : []), ...linked]),
  );
  const isTallied = readsTally(pack);
  const isDefined = readsField(pack, 'agent.tools.');
  const isScored = readsField(pack, 'guard.injection_score');
  const facts = batch.map((event): EventFacts => {
    const tool = toolOf(event);
    const sent = fresh.get(event);
    const read = texts.get(event.traceId) ?? [];
    return {
      tool,
      isFirstUse: memory.noteCall(event),
      isDestinationUntrusted:
        isTraced && isSending(tool)
          ? isNamedByUntrusted(sent?.fresh ?? [], read, startedAtMs(event))
          : null,
      isDestinationNew: sent?.isSettled === true ? true : null,
      untrustedArguments: linked.has(event)
        ? untrustedArgumentsOf(event.body.input, read, startedAtMs(event))
        : null,
      tally: isTallied ? memory.noteTally(event) : null,
      changedTools: isDefined ? memory.noteDefinitions(event) : [],
      errorRate5m: memory.noteOutcome(event),
      untrustedSeen: isTainted(event),
      isStopped: stops === null ? null : stops.isViolatedBy(workOf(event)),
      injectionScore: isScored ? scoreContent(event) : null,
      permit: calls.permits.get(event.id) ?? null,
      lease: leased.get(event) ?? null,
      baseline: memory.noteBaseline(event),
    };
  });
  return { facts, memory, calls };
}

/**
 * Calls that name a destination which their agent never sent to before, with those destinations.
 * Rare once an agent has settled, so the text of their traces can be looked at.
 */
function findFreshDestinations(
  sending: readonly TailEvent[],
  memory: AgentMemory,
): ReadonlyMap<StoredEvent, FreshDestinations> {
  const fresh = new Map<StoredEvent, FreshDestinations>();
  for (const call of sending) {
    const found = memory.noteDestinations(call, destinationsOf(call.body.input));
    if (found.fresh.length > 0) fresh.set(call, found);
  }
  return fresh;
}

function isSending(tool: ToolFacts | null): boolean {
  return tool?.effectClass === 'money' || tool?.effectClass === 'outbound';
}

function workOf(event: StoredEvent) {
  const { agentId, sessionId, instanceId, kind, name } = event;
  const tool = kind === 'tool_call' ? name : null;
  // A copy that names itself nowhere is the one that telemetry calls so.
  return { agentId, sessionId, tool, instanceId: instanceId ?? '-', atMs: eventTimeOf(event) };
}

const agentsOf = (batch: readonly StoredEvent[]) => [
  ...new Set(batch.map((event) => event.agentId)),
];

const oldestOf = (batch: readonly StoredEvent[]) =>
  batch.reduce((oldest, event) => Math.min(oldest, eventTimeOf(event)), Date.now());

function tracesOf(batch: readonly StoredEvent[]): string[] {
  return [...new Set(batch.map((event) => event.traceId))];
}

async function readTools(
  tx: Tx,
  ctx: Ctx,
  batch: readonly StoredEvent[],
): Promise<{ registered: Map<string, ToolFacts>; marked: ReadonlySet<string> }> {
  const names = new Set(
    batch.flatMap(({ kind, name }) => (kind === 'tool_call' && name !== null ? [name] : [])),
  );
  if (names.size === 0) return { registered: new Map(), marked: new Set() };
  const rows = await tx
    .select({
      name: tools.name,
      effectClass: tools.effectClass,
      reversibility: tools.reversibility,
      sensitivity: tools.sensitivity,
      blastRadius: tools.blastRadius,
      isGoverned: tools.isGoverned,
    })
    .from(tools)
    .where(and(eq(tools.tenantId, ctx.tenantId), inArray(tools.name, [...names])));
  return {
    registered: new Map(rows.map(({ name, ...facts }) => [name, facts])),
    marked: new Set(rows.filter((row) => row.isGoverned).map((row) => row.name)),
  };
}

/** When each of the batch's traces first saw something untrusted, in event time. */
async function readTaintedTraces(
  tx: Tx,
  ctx: Ctx,
  traces: readonly string[],
): Promise<Map<string, number>> {
  if (traces.length === 0) return new Map();
  const rows = await tx
    .selectDistinctOn([events.traceId], { traceId: events.traceId, at: events.startedAt })
    .from(events)
    .where(
      and(
        eq(events.tenantId, ctx.tenantId),
        inArray(events.traceId, [...traces]),
        eq(events.trust, 'untrusted'),
      ),
    )
    .orderBy(events.traceId, events.startedAt);
  return new Map(rows.map(({ traceId, at }) => [traceId, Date.parse(at)]));
}
