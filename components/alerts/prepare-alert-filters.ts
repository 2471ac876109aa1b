import type { AlertFilters } from '#server/detection/contract.ts';
import {
  alertStates,
  type AlertAttention,
  type AlertState,
  severities,
  type Severity,
} from '#server/detection/states/contract.ts';
import { parseTimeRange, resolveTimeRange } from '../ui/time-range.ts';

/** Choices of the state filter. `active` is what still needs somebody now. */
export const stateChoices = ['active', ...alertStates, 'snoozed', 'archived', 'all'] as const;
export type StateChoice = (typeof stateChoices)[number];

/** The filters of the inbox as its URL holds them; null where nothing is chosen. */
export interface AlertUrlFilters {
  readonly state: StateChoice;
  readonly severity: Severity | null;
  readonly rule: string | null;
  readonly agent: string | null;
  readonly trace: string | null;
  /** `me`, `nobody` or somebody's id. */
  readonly assignee: string | null;
  readonly label: string | null;
  /** As `parseTimeRange` reads it; null for all time. */
  readonly range: string | null;
}

const wantedOf: Readonly<
  Record<
    StateChoice,
    { readonly states: readonly AlertState[]; readonly attentions: readonly AlertAttention[] }
  >
> = {
  active: { states: ['open', 'acknowledged'], attentions: ['due'] },
  open: { states: ['open'], attentions: ['due'] },
  acknowledged: { states: ['acknowledged'], attentions: ['due'] },
  resolved: { states: ['resolved'], attentions: [] },
  snoozed: { states: [], attentions: ['snoozed'] },
  archived: { states: [], attentions: ['archived'] },
  all: { states: [], attentions: [] },
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
    states: [...wantedOf[url.state].states],
    attentions: [...wantedOf[url.state].attentions],
    severities: url.severity === null ? [] : [url.severity],
    ...(url.rule === null ? {} : { rule: url.rule }),
    ...(url.agent === null ? {} : { agent: url.agent }),
    ...(url.trace === null ? {} : { traceId: url.trace }),
    ...(url.assignee === null ? {} : { assignee: url.assignee }),
    ...(url.label === null ? {} : { label: url.label }),
    ...(span === null
      ? {}
      : {
          from: new Date(span.fromMs).toISOString(),
          // What is open-ended must not lose what comes in while the page stands open.
          ...(range?.kind === 'absolute' ? { until: new Date(span.toMs).toISOString() } : {}),
        }),
  };
}

/** The filters as a query of an address; what is usual is left out. */
export function toAlertQuery(url: AlertUrlFilters): Readonly<Record<string, string | null>> {
  const { state, severity, rule, agent, trace, assignee, label, range } = url;
  const narrowed = { severity, rule, agent, trace, assignee, label, range };
  return { state: state === 'active' ? null : state, ...narrowed };
}

/** Whether anything but the usual inbox was chosen: an empty list then says so. */
export function hasAlertFilters(url: AlertUrlFilters): boolean {
  return (
    url.state !== 'active' ||
    [url.severity, url.rule, url.agent, url.trace, url.assignee, url.label, url.range].some(
      (value) => value !== null,
    )
  );
}

/** Reads a severity out of a URL; null for anything else. */
export function parseSeverity(text: string | null): Severity | null {
  return severities.find((severity) => severity === text) ?? null;
}
