import { limits } from '#server/kernel/limits.ts';
import type { EventKind, EventStatus, TrustLevel } from './contract.ts';
import type { Position } from './position.ts';

/** One event as the assembler sees it: no payload but a title. Times are microseconds since 1970. */
export interface EventHeader {
  readonly at: Position;
  readonly revision: number;
  readonly traceId: string;
  readonly spanId: string | null;
  readonly parentSpanId: string | null;
  readonly sessionId: string | null;
  readonly conversationId: string | null;
  readonly agentId: string;
  readonly agentSlug: string;
  /** False where the agent was not named by the event itself. */
  readonly agentExplicit: boolean;
  readonly instanceId: string | null;
  readonly user: string | null;
  readonly kind: EventKind;
  readonly phase: 'start' | 'end' | null;
  readonly name: string | null;
  readonly status: EventStatus;
  readonly trust: TrustLevel;
  readonly startedAtUs: number;
  readonly endedAtUs: number | null;
  readonly receivedAtUs: number;
  readonly findings: number;
  readonly bodyBytes: number;
  /** What a person asked, of a user message; null for everything else. */
  readonly title: string | null;
}

/** One row of the trace list. */
export interface TraceRow {
  readonly id: string;
  readonly title: string;
  /** When the message that gave the title was written; null while only a name gave it. */
  readonly titleAtUs: number | null;
  /** In the order in which they were seen; same length as `agentSlugs`. */
  readonly agentIds: readonly string[];
  readonly agentSlugs: readonly string[];
  readonly sessionId: string | null;
  readonly userId: string | null;
  readonly startedAtUs: number;
  readonly endedAtUs: number;
  readonly firstReceivedAtUs: number;
  readonly lastReceivedAtUs: number;
  readonly events: number;
  readonly toolCalls: number;
  readonly errors: number;
  readonly findings: number;
  readonly tools: readonly string[];
  readonly hasUntrusted: boolean;
  /** Bits of {@link contextBits}: what some events tell of their context, and what some lack. */
  readonly contextTold: number;
  readonly contextLacking: number;
  /** Position of the last event in it. */
  readonly at: Position;
}

/** The parts of an event's context, as bits of a row's `contextTold` and `contextLacking`. */
export const contextBits = { agent: 1, session: 2, conversation: 4, user: 8 } as const;

/**
 * Trace rows after further events, in the order of the log. Counts are of events, not of deliveries:
 * a later revision of an event widens times and sets and counts nothing. A call told in two phases
 * counts once, when it starts. Answers only the traces that the events belong to.
 */
export function foldTraces(
  known: ReadonlyMap<string, TraceRow>,
  events: readonly EventHeader[],
): Map<string, TraceRow> {
  const folded = new Map<string, TraceRow>();
  for (const event of events) {
    const before = folded.get(event.traceId) ?? known.get(event.traceId);
    folded.set(event.traceId, before ? extend(before, event) : begin(event));
  }
  return folded;
}

function begin(event: EventHeader): TraceRow {
  return {
    id: event.traceId,
    title: event.title ?? event.name ?? event.kind,
    titleAtUs: event.title === null ? null : event.startedAtUs,
    agentIds: [event.agentId],
    agentSlugs: [event.agentSlug],
    sessionId: event.sessionId,
    userId: event.user,
    startedAtUs: event.startedAtUs,
    endedAtUs: event.endedAtUs ?? event.startedAtUs,
    firstReceivedAtUs: event.receivedAtUs,
    lastReceivedAtUs: event.receivedAtUs,
    ...countsOf(event),
    tools: isToolNamed(event) ? [event.name] : [],
    hasUntrusted: event.trust === 'untrusted',
    contextTold: toldBits(event),
    contextLacking: allBits & ~toldBits(event),
    at: event.at,
  };
}

function extend(row: TraceRow, event: EventHeader): TraceRow {
  const counts = countsOf(event);
  return {
    id: row.id,
    ...titleAfter(row, event),
    ...agentsAfter(row, event),
    sessionId: row.sessionId ?? event.sessionId,
    userId: row.userId ?? event.user,
    startedAtUs: Math.min(row.startedAtUs, event.startedAtUs),
    endedAtUs: Math.max(row.endedAtUs, event.endedAtUs ?? event.startedAtUs),
    firstReceivedAtUs: Math.min(row.firstReceivedAtUs, event.receivedAtUs),
    lastReceivedAtUs: Math.max(row.lastReceivedAtUs, event.receivedAtUs),
    events: row.events + counts.events,
    toolCalls: row.toolCalls + counts.toolCalls,
    errors: row.errors + counts.errors,
    findings: row.findings + counts.findings,
    tools: isToolNamed(event) ? withTool(row.tools, event.name) : row.tools,
    hasUntrusted: row.hasUntrusted || event.trust === 'untrusted',
    contextTold: row.contextTold | toldBits(event),
    contextLacking: row.contextLacking | (allBits & ~toldBits(event)),
    at: event.at,
  };
}

const allBits = 15;

function toldBits(event: EventHeader): number {
  return (
    (event.agentExplicit ? contextBits.agent : 0) |
    (event.sessionId === null ? 0 : contextBits.session) |
    (event.conversationId === null ? 0 : contextBits.conversation) |
    (event.user === null ? 0 : contextBits.user)
  );
}

type Counts = Pick<TraceRow, 'events' | 'toolCalls' | 'errors' | 'findings'>;

function countsOf(event: EventHeader): Counts {
  if (event.revision > 0) return { events: 0, toolCalls: 0, errors: 0, findings: 0 };
  return {
    events: 1,
    toolCalls: event.kind === 'tool_call' && event.phase !== 'end' ? 1 : 0,
    errors: isError(event) ? 1 : 0,
    findings: event.findings,
  };
}

function isError(event: EventHeader): boolean {
  return event.status === 'error' || event.kind === 'error';
}

/** The earliest thing a person asked; until somebody did, the name of the root. */
function titleAfter(row: TraceRow, event: EventHeader): Pick<TraceRow, 'title' | 'titleAtUs'> {
  const isEarlier = row.titleAtUs === null || event.startedAtUs < row.titleAtUs;
  if (event.title !== null && isEarlier) {
    return { title: event.title, titleAtUs: event.startedAtUs };
  }
  const isRoot = event.spanId !== null && event.parentSpanId === null && event.name !== null;
  if (row.titleAtUs === null && isRoot && event.startedAtUs <= row.startedAtUs) {
    return { title: event.name, titleAtUs: null };
  }
  return { title: row.title, titleAtUs: row.titleAtUs };
}

function agentsAfter(row: TraceRow, event: EventHeader): Pick<TraceRow, 'agentIds' | 'agentSlugs'> {
  if (row.agentIds.includes(event.agentId) || row.agentIds.length >= limits.traceAgentsMax) {
    return { agentIds: row.agentIds, agentSlugs: row.agentSlugs };
  }
  return {
    agentIds: [...row.agentIds, event.agentId],
    agentSlugs: [...row.agentSlugs, event.agentSlug],
  };
}

function isToolNamed(event: EventHeader): event is EventHeader & { readonly name: string } {
  return event.kind === 'tool_call' && event.name !== null;
}

function withTool(tools: readonly string[], name: string): readonly string[] {
  if (tools.includes(name) || tools.length >= limits.traceToolsMax) return tools;
  return [...tools, name];
}

/** One line of the minute counts; `minuteUs` is the start of the received minute. */
export interface MinuteCount {
  readonly minuteUs: number;
  readonly agentId: string;
  readonly kind: EventKind;
  readonly events: number;
  readonly errors: number;
  readonly bytes: number;
}

const minuteUs = 60_000_000;

/** Deliveries per received minute, agent and kind: every stored row counts, revisions too. */
export function countMinutes(events: readonly EventHeader[]): MinuteCount[] {
  const counts = new Map<string, MinuteCount>();
  for (const event of events) {
    const minute = Math.floor(event.receivedAtUs / minuteUs) * minuteUs;
    const key = `${minute} ${event.agentId} ${event.kind}`;
    const before = counts.get(key);
    counts.set(key, {
      minuteUs: minute,
      agentId: event.agentId,
      kind: event.kind,
      events: (before?.events ?? 0) + 1,
      errors: (before?.errors ?? 0) + (isError(event) ? 1 : 0),
      bytes: (before?.bytes ?? 0) + event.bodyBytes,
    });
  }
  return [...counts.values()];
}

/** A running copy of an agent, as telemetry names it; `-` where it names none. */
export interface InstanceSighting {
  readonly agentId: string;
  readonly instanceId: string;
  readonly firstSeenAtUs: number;
  readonly lastSeenAtUs: number;
  /** Start of the latest thing it did, never after we heard of it. */
  readonly lastStartedAtUs: number;
}

/** When each instance was heard of, by our clock, and when what it did began. */
export function sightInstances(events: readonly EventHeader[]): InstanceSighting[] {
  const seen = new Map<string, InstanceSighting>();
  for (const event of events) {
    const instanceId = event.instanceId ?? '-';
    const key = `${event.agentId} ${instanceId}`;
    const before = seen.get(key);
    const startedAtUs = Math.min(event.startedAtUs, event.receivedAtUs);
    seen.set(key, {
      agentId: event.agentId,
      instanceId,
      lastStartedAtUs: Math.max(before?.lastStartedAtUs ?? startedAtUs, startedAtUs),
      firstSeenAtUs: Math.min(before?.firstSeenAtUs ?? event.receivedAtUs, event.receivedAtUs),
      lastSeenAtUs: Math.max(before?.lastSeenAtUs ?? event.receivedAtUs, event.receivedAtUs),
    });
  }
  return [...seen.values()];
}
