import { setImmediate as breathe } from 'node:timers/promises';
import { and, eq, sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { backtests } from '#db/schema/detection.ts';
import type { ResponseAction } from '#db/enums.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { BacktestResult } from '#server/detection/contract.ts';
import {
  countApprovalsAfter,
  type History,
  locateFirst,
  readHistory,
} from '#server/detection/internal/read-history.ts';
import { compileAsRun } from '#server/detection/internal/read-running.ts';
import { replayRules, type RuleReplay } from '#server/detection/replay-rules.ts';
import { buildPack } from '#server/detection/rule-pack.ts';
import { readRuleText } from '#server/detection/internal/read-rule-text.ts';
import { tallyResponses } from '#server/detection/tally-responses.ts';
import { countByDay, tallyBacktest, type TalliedAlert } from '#server/detection/tally-backtest.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { idOf, mintTenantId, newRequestId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import { readTail } from '#server/telemetry/read-tail.ts';

/** Takes up backtests that wait, over all tenants, one at a time. */
export interface BacktestRunner {
  /** Runs the oldest that waits; false when there was none. */
  readonly pass: () => Promise<boolean>;
  /** Gives up the one in hand, for another worker to begin anew. */
  readonly close: () => void;
}

interface Claimed {
  readonly ctx: Ctx;
  readonly id: string;
  readonly ruleId: string | null;
  readonly source: string;
  readonly days: number;
}

/** Why a run ended before its end. */
class BacktestStopped extends Error {}

/** The text compiled when it was asked for, and does not any more; the message is for a person. */
class TextBroken extends Error {}

/** A slice of work between two looks at what else the process has to do. */
const sliceMs = 8;
/** How often the page is told how far it is. */
const tellMs = 400;

/**
 * Makes the runner of one worker. A run is the live detector's own code over the stored events, with
 * windows in memory; it changes nothing but its own row. A worker that dies leaves a silent row, which
 * another begins anew.
 */
export function createBacktestRunner(options: {
  readonly db: Db;
  readonly log: Log;
}): BacktestRunner {
  const { db, log } = options;
  const closing = new AbortController();
  return {
    pass: async () => {
      const claimed = await claimNext(db);
      if (claimed === null) return false;
      try {
        const result = await run(claimed, closing.signal);
        await finish(claimed, { state: 'done', result, failure: null });
      } catch (error) {
        if (error instanceof BacktestStopped) {
          if (closing.signal.aborted) await giveBack(claimed);
          return true;
        }
        log.error({ backtest: claimed.id, err: error }, 'a backtest failed');
        const isBroken = error instanceof TextBroken;
        const failure = isBroken
          ? error.message
          : 'It failed inside Signalbox; the worker’s log says why.';
        await finish(claimed, { state: 'failed', result: null, failure });
      }
      return true;
    },
    close: () => closing.abort(),
  };
}

/** The oldest that waits, or whose worker has been silent; null when there is none. */
async function claimNext(db: Db): Promise<Claimed | null> {
  const waiting = await db.execute<{ tenant_id: string; id: string }>(sql`
    select tenant_id, id from backtests
    where state = 'queued' or (state = 'running'
      and beat_at < now() - make_interval(secs => ${limits.backtestSilentMs / 1000}))
    order by created_at limit ${limits.backtestsAtOnceMax}`);
  for (const row of waiting) {
    const actor = { type: 'system', name: 'system:backtest' } as const;
    const tenantId = mintTenantId(idOf('tenant', row.tenant_id));
    const ctx: Ctx = { db, tenantId, actor, requestId: newRequestId() };
    requirePermission(ctx, 'rules.run_backtest');
    const id = idOf('backtest', row.id);
    // no-audit: whoever asked for it was written down; a run changes nothing but its own row.
    const [claimed] = await withTransaction(ctx, (tx) =>
      tx
        .update(backtests)
        .set({
          state: 'running',
          startedAt: sql`clock_timestamp()`,
          beatAt: sql`clock_timestamp()`,
          eventsRead: 0,
        })
        .where(
          and(
            eq(backtests.tenantId, ctx.tenantId),
            eq(backtests.id, id),
            sql`(state = 'queued' or (state = 'running'
              and beat_at < now() - make_interval(secs => ${limits.backtestSilentMs / 1000})))`,
          ),
        )
        .returning({
          ruleId: backtests.ruleId,
          source: backtests.source,
          days: backtests.days,
        }),
    );
    if (claimed !== undefined) return { ctx, id, ...claimed };
  }
  return null;
}

async function run(claimed: Claimed, signal: AbortSignal): Promise<BacktestResult> {
  const { source, ctx } = claimed;
  const text = { name: readRuleText(source).slug, source };
  const compiled = await withRead(ctx, (tx) => compileAsRun(tx, ctx, text));
  // It did when it was asked for; a rule that it counts may have changed since.
  if (!compiled.ok) throw new TextBroken(compiled.problems[0]?.message ?? 'It does not compile.');
  const history = await readHistory(claimed.ctx, claimed.days);
  await tell(claimed, { eventsTotal: history.events, eventsRead: 0 });
  const pack = buildPack([{ ruleId: claimed.id, version: 1, rules: compiled.rules }]);
  const replay = replayRules(pack, history.tools);
  const tally = tallyBacktest();
  const hasMore = await replayHistory(claimed, history, signal, (event) => {
    tally.add(replay.take(event));
    return tally.size() < limits.backtestAlertsMax;
  });
  tally.add(replay.finish());
  const end = { isCut: history.isCut || hasMore, response: compiled.main.response };
  return summarise(claimed.ctx, tally.alerts(), replay, end);
}

/** Hands the events of the period to `take`, until it wants no more; answers whether any was left. */
async function replayHistory(
  claimed: Claimed,
  history: History,
  signal: AbortSignal,
  take: (event: Parameters<RuleReplay['take']>[0]) => boolean,
): Promise<boolean> {
  const { db, tenantId } = claimed.ctx;
  let since = history.since;
  let eventsRead = 0;
  let toldAt = performance.now();
  while (since !== null && eventsRead < history.events) {
    const batch = await readTail(db.$client, tenantId, since, limits.backtestReadEvents);
    let sliceAt = performance.now();
    for (const event of batch) {
      if (!take(event)) return true;
      eventsRead += 1;
      if (performance.now() - sliceAt < sliceMs) continue;
      await breathe();
      if (signal.aborted) throw new BacktestStopped();
      sliceAt = performance.now();
    }
    since = batch.at(-1)?.at ?? null;
    if (performance.now() - toldAt < tellMs) continue;
    await tell(claimed, { eventsRead: Math.min(eventsRead, history.events) });
    toldAt = performance.now();
  }
  await tell(claimed, { eventsRead: Math.min(eventsRead, history.events) });
  // Fewer than were counted: some are of transactions that are still running, or have been erased.
  return eventsRead < history.events;
}

async function summarise(
  ctx: Ctx,
  alerts: readonly TalliedAlert[],
  replay: RuleReplay,
  { isCut, response }: { readonly isCut: boolean; readonly response: ResponseAction | null },
): Promise<BacktestResult> {
  const places = await locateFirst(ctx, new Set(alerts.map((alert) => alert.eventId)));
  const traces = new Map<string, number>();
  for (const { eventId, firstAt } of alerts) {
    const traceId = places.get(eventId)?.traceId;
    if (traceId === undefined) continue;
    traces.set(traceId, Math.min(traces.get(traceId) ?? Infinity, firstAt));
  }
  const samples = alerts
    .toSorted((a, b) => b.count - a.count || a.firstAt - b.firstAt)
    .slice(0, limits.backtestSamplesMax);
  return {
    alerts: alerts.length,
    matches: alerts.reduce((sum, alert) => sum + alert.count, 0),
    traces: traces.size,
    approvals: await countApprovalsAfter(ctx, traces),
    byDay: countByDay(alerts),
    samples: samples.map(({ eventId, count, firstAt, lastAt }) => ({
      agent: places.get(eventId)?.agentSlug ?? null,
      traceId: places.get(eventId)?.traceId ?? null,
      eventId,
      firstAt: new Date(firstAt).toISOString(),
      lastAt: new Date(lastAt).toISOString(),
      count,
    })),
    unknownFields: [...replay.unknownFields],
    groupsForgotten: [...replay.overflows().values()].reduce((sum, groups) => sum + groups, 0),
    isCut,
    responses: response === null ? null : tallyResponses(response, alerts, places),
  };
}

const ownRow = ({ ctx, id }: Claimed) =>
  and(eq(backtests.tenantId, ctx.tenantId), eq(backtests.id, id), eq(backtests.state, 'running'));

/** Says how far it is. @throws BacktestStopped when somebody has cancelled it meanwhile */
async function tell(
  claimed: Claimed,
  progress: { readonly eventsRead: number; readonly eventsTotal?: number },
): Promise<void> {
  const told = await withTransaction(claimed.ctx, (tx) =>
    tx
      .update(backtests)
      .set({ ...progress, beatAt: sql`clock_timestamp()` })
      .where(ownRow(claimed))
      .returning({ id: backtests.id }),
  );
  if (told.length === 0) throw new BacktestStopped();
}

async function finish(
  claimed: Claimed,
  end: {
    readonly state: 'done' | 'failed';
    readonly result: BacktestResult | null;
    readonly failure: string | null;
  },
): Promise<void> {
  await withTransaction(claimed.ctx, (tx) =>
    tx
      .update(backtests)
      .set({ ...end, finishedAt: sql`clock_timestamp()` })
      .where(ownRow(claimed)),
  );
}

async function giveBack(claimed: Claimed): Promise<void> {
  await withTransaction(claimed.ctx, (tx) =>
    tx.update(backtests).set({ state: 'queued', beatAt: null }).where(ownRow(claimed)),
  );
}
