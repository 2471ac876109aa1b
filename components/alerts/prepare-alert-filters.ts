import type { AlertFilters } from '#server/detection/contract.ts';
import {
  alertStates,
  type AlertState,
  severities,
  type Severity,
} from '#server/detection/states/contract.ts';
import { parseTimeRange, resolveTimeRange } from '../ui/time-range.ts';

/** Choices of the state filter. `active` is what still needs somebody. */
export const stateChoices = ['active', ...alertStates, 'all'] as const;
export type StateChoice = (typeof stateChoices)[number];

/** The filters of the inbox as its URL holds them; null where nothing is chosen. */
export interface AlertUrlFilters {
  readonly state: StateChoice;
  readonly severity: Severity | null;
  readonly rule: string | null;
  readonly agent: string | null;
  readonly trace: string | null;
  /** As `parseTimeRange` reads it; null for all time. */
  readonly range: string | null;
}

const statesOf: Readonly<Record<StateChoice, readonly AlertState[]>> = {
  active: ['open', 'acknowledged'],
  open: ['open'],
  acknowledged: ['acknowledged'],
  resolved: ['resolved'],
  all: [],
};

/**
 * What the server is asked for. A relative range is resolved against `nowMs`, rounded up to the
 * minute, so that a page which is drawn twice asks the same question.
 */
export function toAlertFilters(url: AlertUrlFilters, nowMs: number): AlertFilters {
  const range = url.range === null ? null : parseTimeRange(url.range);
  const minuteMs = 60_000;
  const span =
    range === null ? null : resolveTimeRange(range, Math.ceil(nowMs / minuteMs) * minuteMs);
  return {
    states: [...statesOf[url.state]],
    severities: url.severity === null ? [] : [url.severity],
    ...(url.rule === null ? {} : { rule: url.rule }),
    ...(url.agent === null ? {} : { agent: url.agent }),
    ...(url.trace === null ? {} : { traceId: url.trace }),
    ...(span === null
      ? {}
      : {
          from: new Date(span.fromMs).toISOString(),
          // What is open-ended must not lose what comes in while the page stands open.
          ...(range?.kind === 'absolute' ? { until: new Date(span.toMs).toISOString() } : {}),
        }),
  };
}

/** Whether anything but the usual inbox was chosen: an empty list then says so. */
export function hasAlertFilters(url: AlertUrlFilters): boolean {
  return (
    url.state !== 'active' ||
    [url.severity, url.rule, url.agent, url.trace, url.range].some((value) => value !== null)
  );
}

/** Reads a severity out of a URL; null for anything else. */
export function parseSeverity(text: string | null): Severity | null {
  return severities.find((severity) => severity === text) ?? null;
}
