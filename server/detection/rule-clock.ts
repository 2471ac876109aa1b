import type { PackDetection } from '#server/detection/rule-pack.ts';
import type { PreparedEvent } from '#server/detection/sigma/prepared-event.ts';
import { limits } from '#server/kernel/limits.ts';

/** A rule that had used up its time, and how many events it was not asked about for that. */
export interface Overrun extends Pick<PackDetection, 'source' | 'rule'> {
  readonly events: number;
}

/** The time that each rule has for one batch. */
export interface RuleClock {
  /** Whether an event fits a rule; false, and counted, when the rule has no time left. */
  readonly ask: (detection: PackDetection, event: PreparedEvent) => boolean;
  readonly overruns: () => readonly Overrun[];
}

/**
 * Stops asking a rule for the rest of a batch once it has taken `limits.ruleBatchMs`, so that one rule
 * over large texts cannot hold up all the others. Patterns are linear, so no single event can take
 * long; many can. What a rule was not asked about is said in an alert: unseen is not clean.
 * `nowMs` is monotonic.
 */
export function createRuleClock(nowMs: () => number): RuleClock {
  const spentMs = new Map<PackDetection, number>();
  const skipped = new Map<PackDetection, number>();
  return {
    ask: (detection, event) => {
      const spent = spentMs.get(detection) ?? 0;
      if (spent >= limits.ruleBatchMs) {
        skipped.set(detection, (skipped.get(detection) ?? 0) + 1);
        return false;
      }
      const begun = nowMs();
      const isMatch = detection.rule.matches(event);
      spentMs.set(detection, spent + nowMs() - begun);
      return isMatch;
    },
    overruns: () => [...skipped].map(([{ source, rule }, events]) => ({ source, rule, events })),
  };
}
