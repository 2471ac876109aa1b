import type { Tx } from '#db/client.ts';
import {
  correlate,
  detectEvent,
  type Detected,
  type RuleFinding,
} from '#server/detection/evaluate-event.ts';
import { eventReader, noFacts, type EventFacts } from '#server/detection/event-fields.ts';
import { eventTimeOf } from '#server/detection/event-time.ts';
import { gatherMatches } from '#server/detection/gather-matches.ts';
import { readStates, writeStates } from '#server/detection/internal/detector-state.ts';
import { gatherFacts } from '#server/detection/internal/gather-facts.ts';
import { createWindowKeeper } from '#server/detection/internal/keep-windows.ts';
import { createPackLoader } from '#server/detection/internal/load-pack.ts';
import { locateEvents } from '#server/detection/internal/locate-evidence.ts';
import { type AlertMatch, raiseAlerts } from '#server/detection/raise-alert.ts';
import type { RulePack } from '#server/detection/rule-pack.ts';
import { WindowCache, type WindowAttempt } from '#server/detection/window-cache.ts';
import { decodeWindow, encodeWindow } from '#server/detection/window-state.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import type { TailConsumer } from '#server/telemetry/tail-consumer.ts';
import type { TailEvent } from '#server/telemetry/tail-event.ts';

export interface DetectorOptions {
  readonly log: Log;
  /** Our clock in milliseconds; tests turn it. */
  readonly now?: () => number;
}

/**
 * The detector: reads every tenant's log in its order, runs the enabled rules and raises alerts.
 * Cursor, windows, habits and alerts commit together, so a crash at any point repeats the batch as
 * if it had never begun.
 */
export function createDetector(options: DetectorOptions): TailConsumer<TailEvent> {
  const packs = createPackLoader(options.log);
  const keeper = createWindowKeeper();
  const now = options.now ?? Date.now;
  return {
    name: 'detector',
    permission: 'alerts.raise',
    itemsMax: limits.detectorEventsMax,
    derive: async (ctx, batch) => {
      const at = now();
      const isDue = keeper.isDue(ctx, at);
      const { pack, states, windows, matches } = await withRead(ctx, async (tx) => {
        const pack = await packs.load(tx, ctx);
        const { facts, states } = await gatherFacts(tx, ctx, batch, pack);
        const cache = new WindowCache();
        const closed = isDue ? await keeper.closeQuiet(tx, ctx, pack, cache, at) : [];
        const seen = batch.map((event, index) => detect(pack, event, facts[index] ?? noFacts));
        const detected = [...closed, ...seen];
        const { windows, findings } = await settle(tx, ctx, pack, cache, detected, at);
        const all = [...detected.flatMap((item) => item.findings), ...findings];
        return { pack, states, windows, matches: await locateMatches(tx, ctx, batch, all) };
      });
      const stored = windows
        .written()
        .map(({ scope, group, state }) => ({ scope, key: group, state: encodeWindow(state) }));
      return async (tx) => {
        await writeStates(tx, ctx, [...states, ...stored]);
        await raiseAlerts(tx, ctx, matches);
        if (isDue) await keeper.forgetOld(tx, ctx, pack, at);
      };
    },
  };
}

function detect(pack: RulePack, event: TailEvent, facts: EventFacts): Detected {
  return detectEvent(pack, {
    eventId: event.id,
    category: event.kind,
    at: eventTimeOf(event),
    fields: eventReader(event, facts),
  });
}

/** Runs the correlations until an attempt has had every window that it asked for. */
async function settle(
  tx: Tx,
  ctx: Ctx,
  pack: RulePack,
  cache: WindowCache,
  detected: readonly Detected[],
  now: number,
): Promise<{ readonly windows: WindowAttempt; readonly findings: readonly RuleFinding[] }> {
  for (;;) {
    const windows = cache.attempt();
    const findings = detected.flatMap((item) => correlate(pack, item, windows, now));
    const missing = windows.missing();
    if (missing.length === 0) return { windows, findings };
    const rows = await readStates(
      tx,
      ctx,
      missing.map(({ scope, group }) => ({ scope, key: group })),
    );
    cache.load(
      missing,
      rows.map(({ scope, key, state }) => ({ scope, group: key, state: decodeWindow(state) })),
    );
  }
}

async function locateMatches(
  tx: Tx,
  ctx: Ctx,
  batch: readonly TailEvent[],
  findings: readonly RuleFinding[],
): Promise<AlertMatch[]> {
  const matches = gatherMatches(findings);
  const wanted = new Set(matches.flatMap(({ evidence }) => evidence.map((item) => item.eventId)));
  const located = await locateEvents(tx, ctx, batch, wanted);
  return matches.flatMap((match): AlertMatch[] => {
    const evidence = match.evidence.flatMap(({ eventId, isLate }) => {
      const event = located.get(eventId);
      return event === undefined ? [] : [{ ...event, isLate }];
    });
    // Nothing left to show: retention has dropped the partition of the events.
    return evidence.length === 0 ? [] : [{ ...match, evidence }];
  });
}
