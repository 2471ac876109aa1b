/** An agent as an event carries it. */
export interface ContextAgent {
  readonly id: string;
  readonly slug: string;
}

/** What one event of a trace says about its context, itself alone. */
export interface SpanContext {
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly agent: ContextAgent | null;
  /** False when the agent is only a guess from the service's name: an ancestor knows better. */
  readonly isAgentExplicit: boolean;
  readonly sessionId: string | null;
  readonly conversationId: string | null;
  readonly user: string | null;
}

/** What holds for a span once its whole trace is looked at. */
export type InheritedContext = Pick<SpanContext, 'agent' | 'sessionId' | 'conversationId' | 'user'>;

/**
 * Context of every span of one trace. Children come before their parents, and often say neither
 * agent nor session (a tool span of the AI SDK says neither), so:
 *
 * - agent: the span's own if it names one, else the nearest ancestor's that does, else the guess
 *   from its own service, else the nearest ancestor's guess;
 * - session, conversation, user: the span's own, else the nearest ancestor's, else the trace's only
 *   one, when all spans that tell agree.
 *
 * Pure, and the same for any order of `spans`: call it again whenever a late span lands. Parents that
 * never came end the walk; a ring of parents is cut at its smallest span id; several events of one
 * span count as one. Linear in the number of spans. A log event, which has no span of its own, has
 * the context of its parent span.
 */
export function inheritContext(spans: readonly SpanContext[]): Map<string, InheritedContext> {
  const nodes = mergeBySpan(spans);
  cutRings(nodes);
  const only = onlyValues(spans);
  const resolved = new Map<string, Resolved>();
  for (const spanId of nodes.keys()) resolve(spanId, nodes, resolved);
  const contexts = new Map<string, InheritedContext>();
  for (const [spanId, context] of resolved) {
    contexts.set(spanId, {
      agent: context.explicit ?? context.guess,
      sessionId: context.sessionId ?? only.sessionId,
      conversationId: context.conversationId ?? only.conversationId,
      user: context.user ?? only.user,
    });
  }
  return contexts;
}

const textFields = ['sessionId', 'conversationId', 'user'] as const;
type Texts = Record<(typeof textFields)[number], string | null>;

/** Nearest values on the way from a span to its root, the span itself included. */
interface Resolved extends Texts {
  explicit: ContextAgent | null;
  guess: ContextAgent | null;
}

interface Node extends Resolved {
  parent: string | null;
}

const nothing: Resolved = {
  explicit: null,
  guess: null,
  sessionId: null,
  conversationId: null,
  user: null,
};

function mergeBySpan(spans: readonly SpanContext[]): Map<string, Node> {
  const nodes = new Map<string, Node>();
  for (const span of spans) {
    const node = nodes.get(span.spanId) ?? { ...nothing, parent: null };
    nodes.set(span.spanId, node);
    if (span.parentSpanId !== span.spanId) node.parent = smaller(node.parent, span.parentSpanId);
    for (const field of textFields) node[field] = smaller(node[field], span[field]);
    const kind = span.isAgentExplicit ? 'explicit' : 'guess';
    node[kind] = smallerAgent(node[kind], span.agent);
  }
  return nodes;
}

/** Of two events of one span that disagree the smaller text counts: any rule that ignores order. */
function smaller(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

function smallerAgent(a: ContextAgent | null, b: ContextAgent | null): ContextAgent | null {
  if (a === null || b === null) return a ?? b;
  return a.slug < b.slug || (a.slug === b.slug && a.id <= b.id) ? a : b;
}

/** Follows every chain of parents once; a chain that meets itself loses one link. */
function cutRings(nodes: Map<string, Node>): void {
  const walkOf = new Map<string, string>();
  for (const start of nodes.keys()) {
    let at: string | null = start;
    while (at !== null && nodes.has(at) && !walkOf.has(at)) {
      walkOf.set(at, start);
      at = nodes.get(at)?.parent ?? null;
    }
    if (at !== null && walkOf.get(at) === start) cutRing(at, nodes);
  }
}

function cutRing(member: string, nodes: Map<string, Node>): void {
  let smallest = member;
  let at = nodes.get(member)?.parent ?? member;
  while (at !== member) {
    if (at < smallest) smallest = at;
    at = nodes.get(at)?.parent ?? member;
  }
  const node = nodes.get(smallest);
  if (node !== undefined) node.parent = null;
}

/** Resolves a span and all its ancestors, from the top down, without recursion. */
function resolve(spanId: string, nodes: Map<string, Node>, resolved: Map<string, Resolved>): void {
  const path: string[] = [];
  let at: string | null = spanId;
  while (at !== null && nodes.has(at) && !resolved.has(at)) {
    path.push(at);
    at = nodes.get(at)?.parent ?? null;
  }
  let above = (at === null ? undefined : resolved.get(at)) ?? nothing;
  for (const id of path.reverse()) {
    const own = nodes.get(id) ?? nothing;
    above = {
      explicit: own.explicit ?? above.explicit,
      guess: own.guess ?? above.guess,
      sessionId: own.sessionId ?? above.sessionId,
      conversationId: own.conversationId ?? above.conversationId,
      user: own.user ?? above.user,
    };
    resolved.set(id, above);
  }
}

/** Each text that all spans agree on who tell any. */
function onlyValues(spans: readonly SpanContext[]): Texts {
  const only: Texts = { sessionId: null, conversationId: null, user: null };
  for (const field of textFields) {
    const told = new Set(spans.map((span) => span[field]).filter((value) => value !== null));
    const [value] = told;
    if (told.size === 1 && value !== undefined) only[field] = value;
  }
  return only;
}
