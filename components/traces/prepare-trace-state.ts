import type { TraceEvent } from '#server/telemetry/wire/contract.ts';
import type { TraceFact } from '#server/telemetry/traces/contract.ts';
import { isError, type TraceNode } from './prepare-trace-tree.ts';

/** An alert as far as playback needs it. */
export interface EvidencedAlert {
  readonly id: string;
  readonly eventIds: readonly string[];
}

export interface ToolUse {
  readonly name: string;
  /** By the tools table; null for a tool that it does not know. */
  readonly effect: string | null;
  readonly calls: number;
  readonly errors: number;
}

export interface DataTouch {
  readonly resource: string;
  readonly classes: readonly string[];
  /** Distinct people named; more were concerned when `isMore`. */
  readonly subjects: number;
  readonly isMore: boolean;
  readonly rows: number;
}

/** What was the case at one moment of a trace, by its events alone. */
export interface TraceState {
  /** Events that had begun. */
  readonly events: number;
  /** The first untrusted content that the agent had seen; null while there was none. */
  readonly taint: { readonly eventId: string; readonly origin: string | null } | null;
  /** How many events had brought untrusted content. */
  readonly untrustedEvents: number;
  /** In the order of their first call. */
  readonly tools: readonly ToolUse[];
  /** In the order in which they were first touched. */
  readonly data: readonly DataTouch[];
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Alerts for which at least one event of evidence had happened. */
  readonly alertIds: readonly string[];
  /** Events that had begun and not ended, in the order of their start. */
  readonly inFlight: readonly string[];
  /** Agents that had done something, in the order of their first event. */
  readonly agents: readonly string[];
}

interface Tally {
  events: number;
  taint: TraceState['taint'];
  taintedAtUs: number;
  untrustedEvents: number;
  readonly tools: Map<string, { effect: string | null; calls: number; errors: number }>;
  readonly data: Map<
    string,
    { classes: Set<string>; subjects: Set<string>; isMore: boolean; rows: number }
  >;
  errors: number;
  inputTokens: number;
  outputTokens: number;
  readonly seen: Set<string>;
  readonly inFlight: string[];
  readonly agents: Set<string>;
}

/**
 * A call is judged by its result only once it has one; everything else happens when it begins. A
 * sender whose clock says that it ended before it began has ended it when it began.
 */
function settledAtUs(node: TraceNode): number {
  const { startedAtUs } = node.event;
  return Math.max(startedAtUs, node.endedAtUs ?? startedAtUs);
}

/** Whether an event was going on at a moment. A start without an end goes on for good. */
function isInFlight(node: TraceNode, atUs: number): boolean {
  if (node.event.phase === 'start' && node.endedAtUs === null) return true;
  return node.endedAtUs !== null && node.endedAtUs > atUs;
}

/**
 * State of a trace at `atUs` from what had happened up to and including that moment. `nodes` may
 * come in any order; what two events did at one instant counts in the order of the log. A call has
 * begun at its start; its result (errors, tokens, data, untrusted content) counts from its end.
 * Every number but `inFlight` only ever grows with `atUs`.
 */
export function foldTraceState(
  nodes: readonly TraceNode[],
  facts: ReadonlyMap<string, TraceFact>,
  alerts: readonly EvidencedAlert[],
  atUs: number,
): TraceState {
  const tally = emptyTally();
  const begun = nodes
    .filter((node) => node.event.startedAtUs <= atUs)
    .toSorted((a, b) => a.index - b.index);
  for (const node of begun) {
    countBeginning(tally, node, atUs);
    if (settledAtUs(node) <= atUs) countResult(tally, node, facts.get(node.event.id));
  }
  return {
    events: tally.events,
    taint: tally.taint,
    untrustedEvents: tally.untrustedEvents,
    tools: [...tally.tools].map(([name, use]) => ({ name, ...use })),
    data: [...tally.data].map(([resource, touch]) => ({
      resource,
      classes: [...touch.classes],
      subjects: touch.subjects.size,
      isMore: touch.isMore,
      rows: touch.rows,
    })),
    errors: tally.errors,
    inputTokens: tally.inputTokens,
    outputTokens: tally.outputTokens,
    alertIds: alerts
      .filter((alert) => alert.eventIds.some((id) => tally.seen.has(id)))
      .map((alert) => alert.id),
    inFlight: tally.inFlight,
    agents: [...tally.agents],
  };
}

function emptyTally(): Tally {
  return {
    events: 0,
    taint: null,
    taintedAtUs: Number.POSITIVE_INFINITY,
    untrustedEvents: 0,
    tools: new Map(),
    data: new Map(),
    errors: 0,
    inputTokens: 0,
    outputTokens: 0,
    seen: new Set(),
    inFlight: [],
    agents: new Set(),
  };
}

function countBeginning(tally: Tally, node: TraceNode, atUs: number): void {
  const { event } = node;
  tally.events += 1;
  tally.agents.add(event.agent);
  if (isInFlight(node, atUs)) tally.inFlight.push(event.id);
  if (event.kind !== 'tool_call' || event.name === null || event.phase === 'end') return;
  const use = tally.tools.get(event.name);
  tally.tools.set(event.name, {
    effect: event.effect,
    calls: (use?.calls ?? 0) + 1,
    errors: use?.errors ?? 0,
  });
}

function countResult(tally: Tally, node: TraceNode, fact: TraceFact | undefined): void {
  const { event } = node;
  tally.seen.add(event.id);
  if (isError(event)) countError(tally, event);
  if (event.trust === 'untrusted') countTaint(tally, node, fact?.origin ?? null);
  if (!fact) return;
  tally.inputTokens += fact.inputTokens;
  tally.outputTokens += fact.outputTokens;
  if (fact.data) countData(tally, fact.data);
}

function countError(tally: Tally, event: TraceEvent): void {
  tally.errors += 1;
  const use =
    event.kind === 'tool_call' && event.name !== null ? tally.tools.get(event.name) : null;
  if (use) use.errors += 1;
}

/** The first is the one whose content came in first, which need not be the call made first. */
function countTaint(tally: Tally, node: TraceNode, origin: string | null): void {
  tally.untrustedEvents += 1;
  const at = settledAtUs(node);
  if (at >= tally.taintedAtUs) return;
  tally.taintedAtUs = at;
  tally.taint = { eventId: node.event.id, origin };
}

function countData(tally: Tally, data: NonNullable<TraceFact['data']>): void {
  const resource = data.resource ?? '';
  const touch = tally.data.get(resource) ?? {
    classes: new Set<string>(),
    subjects: new Set<string>(),
    isMore: false,
    rows: 0,
  };
  tally.data.set(resource, touch);
  for (const name of data.classes) touch.classes.add(name);
  for (const subject of data.subjects) touch.subjects.add(subject);
  touch.isMore ||= data.subjectsTotal > data.subjects.length;
  touch.rows += data.rows ?? 0;
}
