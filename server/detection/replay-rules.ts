import {
  correlate,
  detectEvent,
  type Detected,
  type RuleFinding,
} from '#server/detection/evaluate-event.ts';
import { eventReader, type ToolFacts } from '#server/detection/event-fields.ts';
import { eventTimeOf } from '#server/detection/event-time.ts';
import { createReplayFacts, fieldsUnknownToReplay } from '#server/detection/replay-facts.ts';
import { createReplayWindows } from '#server/detection/replay-windows.ts';
import { type RulePack, readsField } from '#server/detection/rule-pack.ts';
import { limits } from '#server/kernel/limits.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/** One run of a pack over history. Findings of one alert are put together by `gatherMatches`. */
export interface RuleReplay {
  /** Judges one event; to be called in the order of the log. */
  readonly take: (event: StoredEvent) => readonly RuleFinding[];
  /** Ends the run: judges the windows that wait for their end. */
  readonly finish: () => readonly RuleFinding[];
  /** Groups forgotten because a rule had too many at a time, by rule key; empty when none were. */
  readonly overflows: () => ReadonlyMap<string, number>;
  /**
   * Fields that the pack reads and a replay cannot know, such as `agent.stopped`: what a rule over
   * them would have done is unknown, and must be shown as unknown.
   */
  readonly unknownFields: readonly string[];
}

/**
 * Runs a compiled pack over stored events in memory: the same compiled form, facts and windows as
 * the live detector, without a database. `tools` are the tools as registered. The clock is the
 * events' own time of receipt, so the same events give the same findings whenever it runs.
 */
export function replayRules(pack: RulePack, tools: ReadonlyMap<string, ToolFacts>): RuleReplay {
  const facts = createReplayFacts(pack, tools);
  const windows = createReplayWindows(pack);
  let now = 0;
  let sweptAt = 0;
  const settle = (detected: readonly Detected[]): RuleFinding[] =>
    detected.flatMap((item) => [...item.findings, ...correlate(pack, item, windows, now)]);
  const sweep = (): RuleFinding[] => {
    sweptAt = now;
    return settle(windows.sweep(now));
  };
  return {
    take: (event) => {
      now = Math.max(now, receivedAtMs(event));
      const closed = now - sweptAt < limits.windowSweepMs ? [] : sweep();
      const known = facts.note(event);
      const detected = detectEvent(pack, {
        eventId: event.id,
        category: event.kind,
        at: eventTimeOf(event),
        fields: eventReader(event, known),
        baseline: known.baseline,
      });
      return [...closed, ...settle([detected])];
    },
    finish: () => {
      const findings: RuleFinding[] = [];
      // What closes inside a chain leaves the outer window waiting: its time has to pass as well.
      const rounds = Math.max(
        0,
        ...[...pack.correlations.values()].map(({ rules }) => rules.length),
      );
      for (let round = 0; round < rounds; round += 1) {
        now += limits.allowedLatenessMs;
        findings.push(...sweep());
      }
      return findings;
    },
    overflows: windows.overflows,
    unknownFields: fieldsUnknownToReplay.filter((field) => readsField(pack, field)),
  };
}

function receivedAtMs(event: StoredEvent): number {
  return event.receivedAtUs === undefined
    ? Date.parse(event.receivedAt)
    : Math.floor(event.receivedAtUs / 1000);
}
