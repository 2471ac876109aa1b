import type { Tx } from '#db/client.ts';
import { detectTold } from '#server/detection/detect-told.ts';
import {
  correlate,
  detectEvent,
  type Detected,
  type RuleFinding,
} from '#server/detection/evaluate-event.ts';
import { noteSightings } from '#server/credentials/outside/note-sightings.ts';
import { eventReader, noFacts, type EventFacts } from '#server/detection/event-fields.ts';
import { eventTimeOf } from '#server/detection/event-time.ts';
import { gatherMatches } from '#server/detection/gather-matches.ts';
import { deleteParts, readStates, writeStates } from '#server/detection/internal/detector-state.ts';
import { gatherFacts } from '#server/detection/internal/gather-facts.ts';
import { type CallRow, writeCalls } from '#server/detection/internal/join-governed-calls.ts';
import { createWindowKeeper } from '#server/detection/internal/keep-windows.ts';
import { createPackLoader } from '#server/detection/internal/load-pack.ts';
import { locateEvents } from '#server/detection/internal/locate-evidence.ts';
import { createTenantMemories } from '#server/detection/internal/tenant-memory.ts';
import { type AlertMatch, raiseAlerts } from '#server/detection/raise-alert.ts';
import { raiseOverflow } from '#server/detection/raise-overflow.ts';
import { sightingsIn } from '#server/detection/sightings-in.ts';
import { createRuleClock, type RuleClock } from '#server/detection/rule-clock.ts';
import type { RulePack } from '#server/detection/rule-pack.ts';
import { readerOf } from '#server/detection/sigma/prepared-event.ts';
import type {
  ChangedWindow,
  WindowAttempt,
  WindowCache,
  WindowKey,
} from '#server/detection/window-cache.ts';
import { windowOfRows } from '#server/detection/window-rows.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import type { Position } from '#server/telemetry/position.ts';
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
 * if it had never begun. Windows and habits are remembered from batch to batch, for as long as nobody
 * else can have changed them.
 */
export function createDetector(options: DetectorOptions): TailConsumer<TailEvent> {
  const packs = createPackLoader(options.log);
  const keeper = createWindowKeeper();
  const memories = createTenantMemories();
  const now = options.now ?? Date.now;
  const derive = async (
    ctx: Ctx,
    batch: readonly TailEvent[],
    since: Position,
    isDue: boolean,
  ): Promise<(tx: Tx) => Promise<void>> => {
    const at = now();
    if (isDue) memories.drop(ctx.tenantId);
    const known = memories.take(ctx.tenantId, since);
    const clock = createRuleClock(() => performance.now());
    const { pack, memory, calls, sightings, windows, matches } = await withRead(ctx, async (tx) => {
      const pack = await packs.load(tx, ctx);
      const wanted = { known: known.agents, isDue };
      const { facts, memory, calls } = await gatherFacts(tx, ctx, batch, pack, wanted);
      const closed = isDue ? await keeper.closeQuiet(tx, ctx, pack, known.windows, at) : [];
      const seen = batch.map((event, index) => detect(pack, event, facts[index] ?? noFacts, clock));
      const late = calls.displaced.map((call) => detectDisplaced(pack, call));
      const detected = [...closed, ...seen, ...late];
      const { windows, findings } = await settle(tx, ctx, pack, known.windows, detected, at);
      const all = [...detected.flatMap((item) => item.findings), ...findings];
      const matches = await locateMatches(tx, ctx, batch, all);
      const sightings = sightingsIn(batch, facts);
      return { pack, memory, calls, sightings, windows, matches };
    });
    const changes = windows.changes();
    const last = batch.at(-1)?.at;
    // After an upkeep the rows are read anew: it may have deleted some of what is remembered.
    if (last !== undefined && !isDue) {
      memories.settle(ctx.tenantId, last, () => {
        memory.keep();
        known.windows.keep(changes);
      });
    }
    return async (tx) => {
      await writeWindows(tx, ctx, changes);
      await writeStates(tx, ctx, memory.changed());
      await writeCalls(tx, ctx, calls);
      await noteSightings(tx, ctx, sightings);
      await raiseAlerts(tx, ctx, matches);
      for (const { source, rule, events } of clock.overruns()) {
        await raiseOverflow(tx, ctx, source, rule, { what: 'time', count: events, now: at });
      }
      if (isDue) await keeper.forgetOld(tx, ctx, pack, at);
    };
  };
  return {
    name: 'detector',
    permission: 'alerts.raise',
    itemsMax: limits.detectorEventsMax,
    restMs: limits.detectorRestMs,
    committed: (tenantId, last) => memories.committed(tenantId, last),
    derive: (ctx, batch, since) => derive(ctx, batch, since, keeper.isDue(ctx, now())),
    // Windows that wait for their end are closed by the clock where no event comes any more.
    rest: {
      everyMs: limits.windowSweepMs,
      derive: async (ctx, since) => {
        const isWaiting = await withRead(ctx, async (tx) =>
          keeper.hasQuiet(tx, ctx, await packs.load(tx, ctx)),
        );
        return isWaiting && keeper.isDue(ctx, now()) ? derive(ctx, [], since, true) : null;
      },
    },
  };
}

/** An earlier call that is without a permit now, to those rules that this is news for. */
function detectDisplaced(pack: RulePack, call: CallRow): Detected {
  const findings = detectTold(pack, 'tool.permit', {
    eventId: call.eventId,
    category: 'tool_call',
    at: Math.min(Date.parse(call.startedAt), Date.parse(call.endedAt)),
    fields: readerOf({
      'event.id': call.eventId,
      'event.kind': 'tool_call',
      'agent.id': call.agentId,
      'agent.slug': call.agentSlug,
      'agent.identity': call.isVerified ? 'verified' : 'claimed',
      'session.id': call.sessionId,
      'trace.id': call.traceId,
      'gen_ai.tool.name': call.tool,
      'tool.permit': call.permit,
    }),
  });
  return { findings, feeds: new Map() };
}

function detect(pack: RulePack, event: TailEvent, facts: EventFacts, clock: RuleClock): Detected {
  const evaluated = {
    eventId: event.id,
    category: event.kind,
    at: eventTimeOf(event),
    fields: eventReader(event, facts),
    baseline: facts.baseline,
  };
  return detectEvent(pack, evaluated, clock);
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
    await loadWindows(tx, ctx, cache, missing);
  }
}

async function loadWindows(
  tx: Tx,
  ctx: Ctx,
  cache: WindowCache,
  missing: readonly WindowKey[],
): Promise<void> {
  const wanted = missing.map(({ scope, group }) => ({ scope, key: group }));
  const rows = Map.groupBy(await readStates(tx, ctx, wanted), ({ scope, key }) =>
    JSON.stringify([scope, key]),
  );
  const found = missing.flatMap((place) => {
    const window = windowOfRows(rows.get(JSON.stringify([place.scope, place.group])) ?? []);
    return window === null ? [] : [{ ...place, ...window }];
  });
  cache.load(missing, found);
}

async function writeWindows(tx: Tx, ctx: Ctx, changed: readonly ChangedWindow[]): Promise<void> {
  const gone = changed.flatMap(({ scope, group, change }) =>
    change.gone.map((part) => ({ scope, key: group, part })),
  );
  const rows = changed.flatMap(({ scope, group, change }) =>
    change.rows.map((row) => ({ scope, key: group, ...row })),
  );
  await deleteParts(tx, ctx, gone);
  await writeStates(tx, ctx, rows);
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
