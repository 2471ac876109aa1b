import type { TraceEvent } from '#server/telemetry/wire/contract.ts';

/** One event in its place in the tree; `index` is its place in the order of time. */
export interface TraceNode {
  readonly event: TraceEvent;
  readonly index: number;
  /** 0 for roots. */
  readonly depth: number;
  /** Its place among its siblings, from 0. */
  readonly place: number;
  readonly parent: TraceNode | null;
  readonly children: TraceNode[];
  /** When its work is known to have ended: its own end, else that of the call's second telling. */
  readonly endedAtUs: number | null;
  /** Errors among its descendants, itself not counted. */
  errorsBelow: number;
  /** Its parent's span is named but never came. */
  readonly isOrphan: boolean;
}

export interface TraceTree {
  /** Every event's latest telling, parents before children, siblings by time. */
  readonly nodes: readonly TraceNode[];
  readonly roots: readonly TraceNode[];
  readonly byId: ReadonlyMap<string, TraceNode>;
  readonly startUs: number;
  readonly endUs: number;
  /** Earlier tellings that a later revision replaces here. */
  readonly revisionsHidden: number;
}

interface Draft {
  readonly event: TraceEvent;
  readonly index: number;
  readonly endedAtUs: number | null;
  readonly children: Draft[];
}

/**
 * The tree of a trace out of its events (in the order of time). An event stands under the event that
 * opened its parent's span; an event that shares the span of an earlier one stands under that one,
 * as does a log line, which has only a parent. Without spans the tree is a flat list. Rings of
 * parents are cut at their earliest event. Linear, and without recursion: attackers choose depth.
 */
export function buildTraceTree(events: readonly TraceEvent[]): TraceTree {
  const latest = latestTellings(events);
  const ends = endsOfCalls(latest);
  const drafts = latest.map((event, index) => ({
    event,
    index,
    endedAtUs: event.endedAtUs ?? (event.phase === 'start' ? endOfCall(ends, event) : null),
    children: [],
  }));
  const holders = holdersOfSpans(drafts);
  const parents = new Map<Draft, Draft>();
  for (const draft of drafts) {
    const parent = parentOf(draft, holders);
    if (parent) parents.set(draft, parent);
  }
  cutRings(drafts, parents);
  const roots: Draft[] = [];
  for (const draft of drafts) (parents.get(draft)?.children ?? roots).push(draft);
  const nodes = placeNodes(roots, holders);
  return {
    nodes,
    roots: nodes.filter((node) => node.parent === null),
    byId: new Map(nodes.map((node) => [node.event.id, node])),
    ...boundsOf(drafts),
    revisionsHidden: events.length - latest.length,
  };
}

function latestTellings(events: readonly TraceEvent[]): TraceEvent[] {
  const newest = new Map<string, number>();
  for (const event of events) {
    newest.set(event.id, Math.max(newest.get(event.id) ?? 0, event.revision));
  }
  return events.filter((event) => newest.get(event.id) === event.revision);
}

/** When calls ended that are told in two phases, by call id. */
function endsOfCalls(events: readonly TraceEvent[]): Map<string, number> {
  const ends = new Map<string, number>();
  for (const event of events) {
    if (event.phase !== 'end' || event.callId === null) continue;
    const at = event.endedAtUs ?? event.startedAtUs;
    ends.set(event.callId, Math.max(ends.get(event.callId) ?? at, at));
  }
  return ends;
}

function endOfCall(ends: ReadonlyMap<string, number>, event: TraceEvent): number | null {
  const end = event.callId === null ? undefined : ends.get(event.callId);
  return end === undefined || end < event.startedAtUs ? null : end;
}

/** The earliest event of each span holds it. */
function holdersOfSpans(drafts: readonly Draft[]): Map<string, Draft> {
  const holders = new Map<string, Draft>();
  for (const draft of drafts) {
    const { spanId } = draft.event;
    if (spanId !== null && !holders.has(spanId)) holders.set(spanId, draft);
  }
  return holders;
}

function parentOf(draft: Draft, holders: ReadonlyMap<string, Draft>): Draft | null {
  const { spanId, parentSpanId } = draft.event;
  const holder = spanId === null ? undefined : holders.get(spanId);
  if (holder && holder !== draft) return holder;
  const parent = parentSpanId === null ? undefined : holders.get(parentSpanId);
  return parent && parent !== draft ? parent : null;
}

/** Follows every chain of parents once; a chain that meets itself is cut above its earliest event. */
function cutRings(drafts: readonly Draft[], parents: Map<Draft, Draft>): void {
  const walkOf = new Map<Draft, number>();
  for (const start of drafts) {
    let at: Draft | undefined = start;
    while (at !== undefined && !walkOf.has(at)) {
      walkOf.set(at, start.index);
      at = parents.get(at);
    }
    if (at === undefined || walkOf.get(at) !== start.index) continue;
    let earliest = at;
    for (let next = parents.get(at); next !== undefined && next !== at; next = parents.get(next)) {
      if (next.index < earliest.index) earliest = next;
    }
    parents.delete(earliest);
  }
}

function placeNodes(roots: readonly Draft[], holders: ReadonlyMap<string, Draft>): TraceNode[] {
  const nodes: TraceNode[] = [];
  let rootsPlaced = 0;
  const stack = roots.toReversed().map((draft) => ({ draft, parent: null as TraceNode | null }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { draft, parent } = next;
    const { parentSpanId } = draft.event;
    const node: TraceNode = {
      event: draft.event,
      index: draft.index,
      depth: parent === null ? 0 : parent.depth + 1,
      place: parent === null ? rootsPlaced++ : parent.children.length,
      parent,
      children: [],
      endedAtUs: draft.endedAtUs,
      errorsBelow: 0,
      isOrphan: parent === null && parentSpanId !== null && !holders.has(parentSpanId),
    };
    parent?.children.push(node);
    nodes.push(node);
    for (const child of draft.children.toReversed()) stack.push({ draft: child, parent: node });
  }
  // Children come after their parents, so one walk backwards adds up.
  for (const node of nodes.toReversed()) {
    if (node.parent) node.parent.errorsBelow += node.errorsBelow + (isError(node.event) ? 1 : 0);
  }
  return nodes;
}

function boundsOf(drafts: readonly Draft[]): { readonly startUs: number; readonly endUs: number } {
  let startUs = Number.POSITIVE_INFINITY;
  let endUs = Number.NEGATIVE_INFINITY;
  for (const { event, endedAtUs } of drafts) {
    startUs = Math.min(startUs, event.startedAtUs);
    endUs = Math.max(endUs, endedAtUs ?? event.startedAtUs);
  }
  return drafts.length === 0 ? { startUs: 0, endUs: 0 } : { startUs, endUs };
}

/** Whether an event tells of a failure. */
export function isError(event: TraceEvent): boolean {
  return event.status === 'error' || event.kind === 'error';
}

/** The nodes to draw when some are closed, in order. */
export function visibleNodes(tree: TraceTree, closed: ReadonlySet<string>): TraceNode[] {
  if (closed.size === 0) return [...tree.nodes];
  const shown: TraceNode[] = [];
  let hiddenBelow = Number.POSITIVE_INFINITY;
  for (const node of tree.nodes) {
    if (node.depth > hiddenBelow) continue;
    hiddenBelow = closed.has(node.event.id) ? node.depth : Number.POSITIVE_INFINITY;
    shown.push(node);
  }
  return shown;
}

/** Ids of everything above a node: what has to be open for it to be seen. */
export function pathTo(node: TraceNode): string[] {
  const ids: string[] = [];
  for (let at = node.parent; at !== null; at = at.parent) ids.push(at.event.id);
  return ids;
}

/** The next failure after (`step` 1) or before (-1) a node in the tree's order, around the end. */
export function nextError(tree: TraceTree, from: string | null, step: 1 | -1): TraceNode | null {
  const errors = tree.nodes.filter((node) => isError(node.event));
  const place = tree.nodes.findIndex((node) => node.event.id === from);
  const places = new Map(tree.nodes.map((node, index) => [node, index]));
  const beyond = (node: TraceNode) => ((places.get(node) ?? 0) - place) * step > 0;
  if (step === 1) return errors.find(beyond) ?? errors[0] ?? null;
  return errors.findLast(beyond) ?? errors.at(-1) ?? null;
}
