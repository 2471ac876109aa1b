import { closeWindow, isWindowOver } from '#server/detection/correlate.ts';
import {
  detectedByClosing,
  windowScope,
  type Detected,
  type OpenWindow,
  type WindowStore,
} from '#server/detection/evaluate-event.ts';
import type { PackSource, RulePack } from '#server/detection/rule-pack.ts';
import type { CorrelationRule } from '#server/detection/sigma/compiled-rule.ts';
import { ownWindow } from '#server/detection/window-state.ts';
import { limits } from '#server/kernel/limits.ts';

/** Windows in memory, with the upkeep that the detector gives to those in the database. */
export interface ReplayWindows extends WindowStore {
  /** Closes what waits for its end and has been quiet, forgets what is over; what fired. */
  readonly sweep: (now: number) => readonly Detected[];
  /** Groups that were forgotten because a rule had too many of them, by rule key. */
  readonly overflows: () => ReadonlyMap<string, number>;
}

interface Scope {
  readonly source: PackSource;
  readonly rule: CorrelationRule;
  /** Windows by the key of their group; least recently opened first. */
  readonly groups: Map<string, OpenWindow>;
}

/** One store for one run over history; bounded as the detector's own are. */
export function createReplayWindows(pack: RulePack): ReplayWindows {
  const scopes = new Map<string, Scope>();
  for (const [source, { rules }] of pack.correlations) {
    for (const rule of rules)
      scopes.set(windowScope(source, rule), { source, rule, groups: new Map() });
  }
  const overflows = new Map<string, number>();
  return {
    open: (scope, group) => {
      const held = scopes.get(scope);
      if (held === undefined) throw new RangeError(`no correlation has the scope ${scope}`);
      const window = held.groups.get(group) ?? { state: null };
      held.groups.delete(group);
      held.groups.set(group, window);
      return window;
    },
    sweep: (now) => {
      const detected: Detected[] = [];
      for (const { source, rule, groups } of scopes.values()) {
        for (const [key, window] of groups) {
          if (window.state === null) continue;
          const step = closeWindow(rule.plan, window.state, now);
          if (step !== null) {
            window.state = ownWindow(step.state);
            detected.push(detectedByClosing(source, rule, key, step));
          }
          if (isWindowOver(rule.plan, window.state, now)) groups.delete(key);
        }
        const excess = groups.size - limits.ruleGroupsMax;
        if (excess <= 0) continue;
        overflows.set(rule.key, (overflows.get(rule.key) ?? 0) + excess);
        for (const key of [...groups.keys()].slice(0, excess)) groups.delete(key);
      }
      return detected;
    },
    overflows: () => overflows,
  };
}
