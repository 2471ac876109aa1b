import { alertIdOf } from '#server/detection/alert-id.ts';
import type { BacktestResult } from '#server/detection/contract.ts';
import type { RuleFinding } from '#server/detection/evaluate-event.ts';
import { gatherMatches } from '#server/detection/gather-matches.ts';

/** An alert that a run would have opened. Event times are milliseconds since 1970. */
export interface TalliedAlert {
  count: number;
  /** Id of its earliest event. */
  eventId: string;
  firstAt: number;
  lastAt: number;
}

/** Puts the findings of a run together by the alerts that they would have been. */
export interface BacktestTally {
  readonly add: (findings: readonly RuleFinding[]) => void;
  readonly alerts: () => readonly TalliedAlert[];
  readonly size: () => number;
}

/** Counts as raising does: what a finding brings as evidence is new each time. */
export function tallyBacktest(): BacktestTally {
  const alerts = new Map<string, TalliedAlert>();
  return {
    add: (findings) => {
      for (const match of gatherMatches(findings)) {
        const id = alertIdOf({
          ruleId: match.source.ruleId,
          ruleVersion: match.source.version,
          ruleKey: match.rule.key,
          group: match.group,
          windowStart: match.windowStart,
          generation: 0,
        });
        for (const { eventId, at } of match.evidence) {
          const known = alerts.get(id);
          if (known === undefined) {
            alerts.set(id, { count: 1, eventId, firstAt: at, lastAt: at });
            continue;
          }
          known.count += 1;
          known.lastAt = Math.max(known.lastAt, at);
          if (at < known.firstAt) Object.assign(known, { firstAt: at, eventId });
        }
      }
    },
    alerts: () => [...alerts.values()],
    size: () => alerts.size,
  };
}

/** Alerts by the day (UTC) on which they would have begun, oldest first. */
export function countByDay(alerts: readonly TalliedAlert[]): BacktestResult['byDay'] {
  const days = new Map<string, number>();
  for (const { firstAt } of alerts) {
    const day = new Date(firstAt).toISOString().slice(0, 10);
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  return [...days]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, alertsOfDay]) => ({ day, alerts: alertsOfDay }));
}
