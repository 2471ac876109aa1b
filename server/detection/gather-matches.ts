import { alertWindowStart } from '#server/detection/alert-id.ts';
import type { Evidence } from '#server/detection/correlate.ts';
import { mergeReadings } from '#server/detection/baseline/merge-readings.ts';
import type { BaselineReading } from '#server/detection/baseline/readings.ts';
import { groupKeyOf, type RuleFinding } from '#server/detection/evaluate-event.ts';

/** What a batch found for one alert: same rule, group and window. */
export interface GatheredMatch extends RuleFinding {
  /** Event time, milliseconds; 0 where the group is its own window. */
  readonly windowStart: number;
  readonly readings: readonly BaselineReading[];
}

type GrowingMatch = Omit<GatheredMatch, 'readings'> & {
  readonly evidence: Evidence[];
  readings: readonly BaselineReading[];
};

/**
 * Puts the findings of a batch together by the alert that they belong to. Evidence goes by its own
 * event time, so the same events end in the same alerts whatever arrived first; within an alert it
 * stands in the order of event time.
 */
export function gatherMatches(findings: readonly RuleFinding[]): GatheredMatch[] {
  const matches = new Map<string, GrowingMatch>();
  for (const { source, rule, group, evidence, readings = [] } of findings) {
    const [groupBy, timespanMs] =
      rule.kind === 'detection' ? [rule.groupBy, 0] : [rule.plan.groupBy, rule.plan.timespanMs];
    for (const item of evidence) {
      const windowStart = alertWindowStart(groupBy, timespanMs, item.at);
      const place = [source.ruleId, source.version, rule.key, windowStart, groupKeyOf(group)];
      const name = place.join('\n');
      const known = matches.get(name);
      if (known === undefined) {
        matches.set(name, { source, rule, group, windowStart, evidence: [item], readings });
        continue;
      }
      if (readings.length > 0) known.readings = mergeReadings(known.readings, readings);
      if (!known.evidence.some((other) => other.eventId === item.eventId)) {
        known.evidence.push(item);
      }
    }
  }
  return [...matches.values()].map((match) => ({
    ...match,
    evidence: match.evidence.toSorted((a, b) => a.at - b.at || (a.eventId < b.eventId ? -1 : 1)),
  }));
}
