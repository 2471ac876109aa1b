import { LRUCache } from 'lru-cache';
import { type Baseline, noBaseline, noteBaseline } from '#server/detection/baseline/baseline.ts';
import { type BaselineFacts, noBaselineFacts } from '#server/detection/baseline/readings.ts';
import {
  destinationName,
  destinationsOf,
  isNamedByUntrusted,
  type TraceText,
  traceTextOf,
} from '#server/detection/destinations.ts';
import { type ErrorRate, noErrorRate, noteOutcome } from '#server/detection/error-rate.ts';
import { type EventFacts, noFacts, type ToolFacts } from '#server/detection/event-fields.ts';
import { eventTimeOf, startedAtMs } from '#server/detection/event-time.ts';
import { noHabit, noteCall, type ToolHabit } from '#server/detection/first-use.ts';
import {
  type RulePack,
  readsBaseline,
  readsField,
  readsTally,
} from '#server/detection/rule-pack.ts';
import {
  definitionsOf,
  type KnownDefinitions,
  noDefinitions,
  noteDefinitions,
} from '#server/detection/tool-definitions.ts';
import {
  noTallies,
  noteTally,
  type TraceTallies,
  type TraceTally,
} from '#server/detection/trace-tally.ts';
import { scoreContent } from '#server/detection/score-content.ts';
import { hasEffect, untrustedArgumentsOf } from '#server/detection/untrusted-arguments.ts';
import { limits } from '#server/kernel/limits.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/**
 * Fields (or their beginnings) that only the live detector knows: they come from the gate, not from
 * events. A rule over one of them stays silent in a replay, which is not the same as "no match".
 */
export const fieldsUnknownToReplay = [
  'agent.stopped',
  'tool.permit',
  'tool.lease',
  'action.',
] as const;

/** Rebuilds from events alone what the detector knew beside each of them. */
export interface ReplayFacts {
  /** The facts of one event, in the order of the log, and the memory of it for the next. */
  readonly note: (event: StoredEvent) => EventFacts;
}

interface TraceMemory {
  /** Event time from which untrusted content is known; infinity for none. */
  untrustedAt: number;
  readonly texts: TraceText[];
}

/**
 * Works over events as they are stored, in the order of the log, with the tools as they are
 * registered now. Bounded in agents and traces: the least recently seen start afresh.
 */
export function createReplayFacts(
  pack: RulePack,
  tools: ReadonlyMap<string, ToolFacts>,
): ReplayFacts {
  const max = limits.replayTracesMax;
  const habits = new LRUCache<string, ToolHabit>({ max });
  const rates = new LRUCache<string, ErrorRate>({ max });
  const destinations = new LRUCache<string, Set<string>>({ max });
  const tallies = new LRUCache<string, TraceTallies>({ max });
  const definitions = new LRUCache<string, KnownDefinitions>({ max });
  const baselines = new LRUCache<string, Baseline>({ max });
  const traces = new LRUCache<string, TraceMemory>({ max });
  const isBaselined = readsBaseline(pack);
  const isTallied = readsTally(pack);
  const isDefined = readsField(pack, 'agent.tools.');
  const isScored = readsField(pack, 'guard.injection_score');
  const isAskedForDestinations = readsField(pack, 'tool.destination.');
  const isLinked = readsField(pack, 'tool.arguments.');
  const isAskedForTexts = isLinked || readsField(pack, 'tool.destination.untrusted_new');
  return {
    note: (event) => {
      const key = event.identity === 'verified' ? event.agentId : `${event.agentId}:claimed`;
      const tool = event.kind === 'tool_call' ? (tools.get(event.name ?? '') ?? null) : null;
      const isOutcome = event.phase !== 'start' && event.revision === 0;
      const isBeginning = event.phase !== 'end' && event.revision === 0;
      const trace = traces.get(event.traceId) ?? { untrustedAt: Infinity, texts: [] };
      traces.set(event.traceId, trace);
      const errorRate5m = isOutcome ? takeOutcome(rates, key, event) : null;
      const isFirstUse = isBeginning ? takeCall(habits, key, event) : null;
      const isSending = tool?.effectClass === 'money' || tool?.effectClass === 'outbound';
      let isDestinationUntrusted: boolean | null = null;
      let isDestinationNew: boolean | null = null;
      if (isSending && isAskedForDestinations) {
        const seen = destinations.get(key) ?? new Set<string>();
        destinations.set(key, seen);
        const isSettled = seen.size >= limits.destinationsHabitMin;
        const fresh = isBeginning ? noteDestinations(seen, destinationsOf(event.body.input)) : [];
        isDestinationUntrusted = isNamedByUntrusted(fresh, trace.texts, startedAtMs(event));
        isDestinationNew = isSettled && fresh.length > 0 ? true : null;
      }
      const tally = isTallied ? countEvent(tallies, key, event) : null;
      const changedTools = isDefined ? takeDefinitions(definitions, key, event) : [];
      const untrustedSeen = trace.untrustedAt < startedAtMs(event);
      const untrustedArguments =
        isLinked && untrustedSeen && hasEffect(event, tool)
          ? untrustedArgumentsOf(event.body.input, trace.texts, startedAtMs(event))
          : null;
      noteTrace(trace, event, isAskedForTexts);
      return {
        ...noFacts,
        tool,
        isFirstUse,
        errorRate5m,
        isDestinationUntrusted,
        isDestinationNew,
        untrustedArguments,
        tally,
        changedTools,
        untrustedSeen,
        injectionScore: isScored ? scoreContent(event) : null,
        baseline: isBaselined ? takeBaseline(baselines, key, event) : noBaselineFacts,
      };
    },
  };
}

function takeOutcome(
  rates: LRUCache<string, ErrorRate>,
  key: string,
  event: StoredEvent,
): number | null {
  const isError = event.status === 'error';
  const { next, rate } = noteOutcome(rates.get(key) ?? noErrorRate, eventTimeOf(event), isError);
  rates.set(key, next);
  return rate;
}

function takeCall(
  habits: LRUCache<string, ToolHabit>,
  key: string,
  { kind, name }: StoredEvent,
): boolean | null {
  if (kind !== 'tool_call' || name === null) return null;
  const { next, isFirst } = noteCall(habits.get(key) ?? noHabit, name);
  habits.set(key, next);
  return isFirst;
}

function countEvent(
  tallies: LRUCache<string, TraceTallies>,
  key: string,
  event: StoredEvent,
): TraceTally | null {
  const { next, tally } = noteTally(tallies.get(key) ?? noTallies, event);
  if (tally !== null) tallies.set(key, next);
  return tally;
}

function takeBaseline(
  baselines: LRUCache<string, Baseline>,
  key: string,
  event: StoredEvent,
): BaselineFacts {
  const baseline = baselines.get(key) ?? noBaseline();
  baselines.set(key, baseline);
  return noteBaseline(baseline, event);
}

function takeDefinitions(
  definitions: LRUCache<string, KnownDefinitions>,
  key: string,
  event: StoredEvent,
): readonly string[] {
  const given = definitionsOf(event);
  if (given.size === 0) return [];
  const { next, changed } = noteDefinitions(definitions.get(key) ?? noDefinitions, given);
  definitions.set(key, next);
  return changed;
}

/** Adds what is new to `seen`, up to its bound, and answers it. */
function noteDestinations(seen: Set<string>, named: readonly string[]): string[] {
  const fresh = named.filter((destination) => !seen.has(destinationName(destination)));
  for (const destination of fresh) {
    if (seen.size < limits.destinationsKnownMax) seen.add(destinationName(destination));
  }
  return fresh;
}

function noteTrace(trace: TraceMemory, event: StoredEvent, withTexts: boolean): void {
  const trust = event.trust ?? event.body.source.trust;
  const at = startedAtMs(event);
  if (trust === 'untrusted') trace.untrustedAt = Math.min(trace.untrustedAt, at);
  if (!withTexts || trace.texts.length > limits.destinationEventsMax) return;
  const isBeyond = trace.texts.length === limits.destinationEventsMax;
  const text = traceTextOf({ kind: event.kind, trust, at }, isBeyond ? null : event.body);
  if (text !== null) trace.texts.push(text);
}
