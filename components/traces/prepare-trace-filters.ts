import type { TraceFilters } from '#server/telemetry/traces/contract.ts';
import { parseTimeRange, resolveTimeRange } from '../ui/time-range.ts';

/** The filters of the trace list as its URL holds them; null where nothing is chosen. */
export interface TraceUrlFilters {
  readonly q: string | null;
  readonly agent: string | null;
  readonly tool: string | null;
  readonly session: string | null;
  readonly user: string | null;
  /** Only traces that have one of these. */
  readonly has: TraceMark | null;
  /** As `parseTimeRange` reads it; null for all time. */
  readonly range: string | null;
}

export const traceMarks = ['alerts', 'errors', 'untrusted'] as const;
export type TraceMark = (typeof traceMarks)[number];

const minuteMs = 60_000;

/**
 * What the server is asked for. A relative range is resolved against `nowMs`, rounded up to the
 * minute, so that a page which is drawn twice asks the same question; it has no end, so that what
 * comes in meanwhile is not lost.
 */
export function toTraceFilters(url: TraceUrlFilters, nowMs: number): TraceFilters {
  const range = url.range === null ? null : parseTimeRange(url.range);
  const span =
    range === null ? null : resolveTimeRange(range, Math.ceil(nowMs / minuteMs) * minuteMs);
  return {
    ...(url.q === null || url.q === '' ? {} : { q: url.q }),
    ...(url.agent === null ? {} : { agent: url.agent }),
    ...(url.tool === null ? {} : { tool: url.tool }),
    ...(url.session === null ? {} : { session: url.session }),
    ...(url.user === null ? {} : { user: url.user }),
    hasAlerts: url.has === 'alerts',
    hasErrors: url.has === 'errors',
    hasUntrusted: url.has === 'untrusted',
    ...(span === null ? {} : { from: new Date(span.fromMs).toISOString() }),
    ...(span === null || range?.kind === 'relative'
      ? {}
      : { until: new Date(span.toMs).toISOString() }),
  };
}

/** Whether anything was chosen: an empty list then says so. */
export function hasTraceFilters(url: TraceUrlFilters): boolean {
  return Object.values(url).some((value) => value !== null && value !== '');
}
