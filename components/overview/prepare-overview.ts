import type { EventKind } from '#server/telemetry/contract.ts';
import type { TimeCount } from '../charts/prepare-time-series.ts';
import { parseTimeRange, resolveTimeRange } from '../ui/time-range.ts';

/** What the overview shows when its URL says nothing. */
export const overviewRangeDefault = '24h';

/** Minutes in one step of the counts that the server keeps. */
export type StepMinutes = 1 | 5 | 60 | 1440;

/** The span that the charts cover. `from` lies on a step, so that no step is counted in part. */
export interface OverviewSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMinutes: StepMinutes;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

function chooseStep(spanMs: number): StepMinutes {
  if (spanMs <= 2 * hourMs) return 1;
  if (spanMs <= 12 * hourMs) return 5;
  if (spanMs <= 7 * dayMs) return 60;
  return 1440;
}

/** The span of a range in the URL; of one that cannot be read, the usual one. */
export function toOverviewSpan(range: string | null, nowMs: number): OverviewSpan {
  const parsed = range === null ? null : parseTimeRange(range);
  const chosen = parsed ?? { kind: 'relative' as const, lengthMs: dayMs };
  const { fromMs, toMs } = resolveTimeRange(chosen, nowMs);
  const stepMinutes = chooseStep(toMs - fromMs);
  const stepMs = stepMinutes * minuteMs;
  return {
    fromMs: Math.floor(fromMs / stepMs) * stepMs,
    toMs: Math.ceil(toMs / minuteMs) * minuteMs,
    stepMinutes,
  };
}

/** What the counts are asked for; the page prefetches the same. */
export function countsInputOf(span: OverviewSpan) {
  return {
    from: new Date(span.fromMs).toISOString(),
    until: new Date(span.toMs).toISOString(),
    stepMinutes: span.stepMinutes,
  };
}

interface KindCount {
  readonly at: string;
  readonly kind: EventKind;
  readonly events: number;
  readonly errors: number;
}

/** Events per step and kind, as the chart takes them. */
export function toKindCounts(items: readonly KindCount[]): readonly TimeCount[] {
  return items.map(({ at, kind, events }) => ({ atMs: Date.parse(at), key: kind, value: events }));
}

/** Names of the two lines of the rate chart. */
export const rateKeys = ['events', 'errors'] as const;

/**
 * Events and errors a second, averaged over each step; the last one over what has passed of it, or
 * it would read as a slump.
 */
export function toRates(items: readonly KindCount[], span: OverviewSpan): readonly TimeCount[] {
  const stepMs = span.stepMinutes * minuteMs;
  return items.flatMap(({ at, events, errors }) => {
    const atMs = Date.parse(at);
    const passedMs = Math.min(stepMs, Math.max(minuteMs, span.toMs - atMs));
    return [
      { atMs, key: rateKeys[0], value: (events * 1000) / passedMs },
      { atMs, key: rateKeys[1], value: (errors * 1000) / passedMs },
    ];
  });
}

/** All events and errors of the span. */
export function sumCounts(items: readonly KindCount[]): {
  readonly events: number;
  readonly errors: number;
} {
  let events = 0;
  let errors = 0;
  for (const item of items) {
    events += item.events;
    errors += item.errors;
  }
  return { events, errors };
}

/** `tool_call` as people say it: `tool call`. */
export function kindWord(kind: string): string {
  return kind.replaceAll('_', ' ');
}

/** The series colour of every kind: it keeps it whatever else is on the chart. */
const kindColors: Readonly<Record<EventKind, number>> = {
  tool_call: 1,
  llm_call: 2,
  user_message: 3,
  agent_message: 4,
  retrieval: 5,
  data_access: 6,
  error: 7,
  memory_read: 9,
  memory_write: 10,
  spawn: 11,
  decision: 12,
  outcome: 13,
  lifecycle: 14,
};

/** Label and colour of every kind, and of what is summed up. */
export const kindLooks: Readonly<
  Record<string, { readonly label: string; readonly color: string }>
> = Object.fromEntries([
  ...Object.entries(kindColors).map(([kind, series]) => [
    kind,
    { label: kindWord(kind), color: `var(--color-series-${series})` },
  ]),
  ['other', { label: 'other', color: 'var(--color-series-8)' }],
]);
