import { limits } from '#server/kernel/limits.ts';
import { contextBits, type EventHeader, type TraceRow } from './fold-traces.ts';
import { type InheritedContext, inheritContext } from './inherit-context.ts';

/** What the context of a trace is worked out from. */
export type SpanHeader = Pick<
  EventHeader,
  | 'spanId'
  | 'parentSpanId'
  | 'agentId'
  | 'agentSlug'
  | 'agentExplicit'
  | 'sessionId'
  | 'conversationId'
  | 'user'
>;

/** One line of `event_context`: what holds for a span, where that is more than it says itself. */
export interface SpanContextRow extends InheritedContext {
  readonly traceId: string;
  readonly spanId: string;
}

/** Whether some events of a trace tell what others lack. */
export function hasInheritance(row: TraceRow): boolean {
  return (row.contextTold & row.contextLacking) !== 0;
}

/**
 * Context of the spans of each trace in `spans` (all spans of the trace, in any order), and the rows
 * of all touched traces with agents, session and user as they are after inheritance.
 */
export function resolveContexts(
  folded: ReadonlyMap<string, TraceRow>,
  spans: ReadonlyMap<string, readonly SpanHeader[]>,
): { readonly traces: TraceRow[]; readonly contexts: SpanContextRow[] } {
  const traces: TraceRow[] = [];
  const contexts: SpanContextRow[] = [];
  for (const row of folded.values()) {
    const own = spans.get(row.id) ?? [];
    if (own.length === 0) {
      traces.push(row);
      continue;
    }
    const inherited = inheritContext(own.flatMap((span) => contextOf(span)));
    traces.push(withInherited(row, own, inherited));
    contexts.push(...changedContexts(row.id, own, inherited));
  }
  return { traces, contexts };
}

function contextOf(span: SpanHeader) {
  if (span.spanId === null) return [];
  return [
    {
      spanId: span.spanId,
      parentSpanId: span.parentSpanId,
      agent: { id: span.agentId, slug: span.agentSlug },
      isAgentExplicit: span.agentExplicit,
      sessionId: span.sessionId,
      conversationId: span.conversationId,
      user: span.user,
    },
  ];
}

type Inherited = ReadonlyMap<string, InheritedContext>;

/** A log line has no span of its own and the context of its parent span. */
function inheritedBy(span: SpanHeader, inherited: Inherited): InheritedContext | undefined {
  const holder = span.spanId ?? span.parentSpanId;
  return holder === null ? undefined : inherited.get(holder);
}

function withInherited(
  row: TraceRow,
  spans: readonly SpanHeader[],
  inherited: Inherited,
): TraceRow {
  const contexts = [...inherited.values()];
  const session = row.sessionId ?? firstTold(contexts.map((context) => context.sessionId));
  const user = row.userId ?? firstTold(contexts.map((context) => context.user));
  if ((row.contextTold & row.contextLacking & contextBits.agent) === 0) {
    return { ...row, sessionId: session, userId: user };
  }
  const agents = new Map<string, string>();
  for (const span of spans) {
    const agent = span.agentExplicit ? null : (inheritedBy(span, inherited)?.agent ?? null);
    agents.set(agent?.id ?? span.agentId, agent?.slug ?? span.agentSlug);
  }
  const named = [...agents].slice(0, limits.traceAgentsMax);
  return {
    ...row,
    sessionId: session,
    userId: user,
    agentIds: named.map(([id]) => id),
    agentSlugs: named.map(([, slug]) => slug),
  };
}

function firstTold(values: readonly (string | null)[]): string | null {
  return values.find((value) => value !== null) ?? null;
}

function changedContexts(
  traceId: string,
  spans: readonly SpanHeader[],
  inherited: Inherited,
): SpanContextRow[] {
  const changed = new Map<string, SpanContextRow>();
  for (const span of spans) {
    const context = inheritedBy(span, inherited);
    const spanId = span.spanId ?? span.parentSpanId;
    if (!context || spanId === null || !addsTo(span, context)) continue;
    changed.set(spanId, { traceId, spanId, ...context });
  }
  return [...changed.values()];
}

function addsTo(span: SpanHeader, context: InheritedContext): boolean {
  return (
    (!span.agentExplicit && context.agent !== null && context.agent.id !== span.agentId) ||
    (span.sessionId === null && context.sessionId !== null) ||
    (span.conversationId === null && context.conversationId !== null) ||
    (span.user === null && context.user !== null)
  );
}
