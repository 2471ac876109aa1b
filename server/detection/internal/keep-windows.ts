import { and, asc, count, eq, inArray, like, lt, notInArray, sql } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import type { Tx } from '#db/client.ts';
import { detectorState } from '#db/schema/detection.ts';
import { closeWindow } from '#server/detection/correlate.ts';
import { detectedByClosing, windowScope, type Detected } from '#server/detection/evaluate-event.ts';
import { readStates } from '#server/detection/internal/detector-state.ts';
import { raiseOverflow } from '#server/detection/raise-overflow.ts';
import type { PackSource, RulePack } from '#server/detection/rule-pack.ts';
import type { CorrelationRule } from '#server/detection/sigma/compiled-rule.ts';
import type { WindowCache } from '#server/detection/window-cache.ts';
import { windowOfRows, type WindowRow } from '#server/detection/window-rows.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

export interface WindowKeeper {
  /** True when this tenant's windows are due for a look; once every `limits.windowSweepMs`. */
  readonly isDue: (ctx: Ctx, now: number) => boolean;
  /** Whether a window waits for its end and has gone quiet; asks nothing where no rule waits. */
  readonly hasQuiet: (tx: Tx, ctx: Ctx, pack: RulePack) => Promise<boolean>;
  /** Closes windows that wait for their end and have gone quiet; what fired, for the batch. */
  readonly closeQuiet: (
    tx: Tx,
    ctx: Ctx,
    pack: RulePack,
    cache: WindowCache,
    now: number,
  ) => Promise<readonly Detected[]>;
  /** Forgets groups that are over, windows of rules that are gone, and groups beyond the cap. */
  readonly forgetOld: (tx: Tx, ctx: Ctx, pack: RulePack, now: number) => Promise<void>;
}

/** A window is counted, and grows old, by its head. */
const isHead = eq(detectorState.part, 0);

/** Nothing has joined it for the allowed lateness. */
const isQuiet = lt(
  detectorState.updatedAt,
  sql`now() - make_interval(secs => ${limits.allowedLatenessMs / 1000})`,
);

interface Scoped {
  readonly scope: string;
  readonly source: PackSource;
  readonly rule: CorrelationRule;
}

function scopesOf(pack: RulePack): Scoped[] {
  return [...pack.correlations].flatMap(([source, { rules }]) =>
    rules.map((rule) => ({ scope: windowScope(source, rule), source, rule })),
  );
}

/** Correlations that judge a window only when it has closed. */
function waitingOf(pack: RulePack): Scoped[] {
  return scopesOf(pack).filter(({ rule }) => !rule.plan.isImmediate);
}

/** Upkeep of the windows that are kept between batches. */
export function createWindowKeeper(): WindowKeeper {
  const lookedAt = new LRUCache<string, number>({ max: limits.rulePacksMax });
  return {
    isDue: (ctx, now) => {
      if (now - (lookedAt.get(ctx.tenantId) ?? 0) < limits.windowSweepMs) return false;
      lookedAt.set(ctx.tenantId, now);
      return true;
    },
    hasQuiet: async (tx, ctx, pack) => {
      const scopes = waitingOf(pack).map(({ scope }) => scope);
      if (scopes.length === 0) return false;
      const isOpen = sql`(${detectorState.state}->>'closedBefore')::float8
        <= (${detectorState.state}->>'latestAt')::float8`;
      const ours = and(
        eq(detectorState.tenantId, ctx.tenantId),
        inArray(detectorState.scope, scopes),
      );
      const found = await tx
        .select({ key: detectorState.key })
        .from(detectorState)
        .where(and(ours, isHead, isQuiet, isOpen))
        .limit(1);
      return found.length > 0;
    },
    closeQuiet: async (tx, ctx, pack, cache, now) => {
      const waiting = waitingOf(pack);
      const detected: Detected[] = [];
      for (const scoped of waiting) {
        const quiet = await readQuiet(tx, ctx, scoped.scope);
        const wanted = quiet.map(({ key }) => ({ scope: scoped.scope, key }));
        const windows = Map.groupBy(await readStates(tx, ctx, wanted), (row) => row.key);
        for (const { key } of quiet) {
          const found = closeOne(scoped, key, windows.get(key) ?? [], cache, now);
          if (found !== null) detected.push(found);
        }
      }
      return detected;
    },
    forgetOld: async (tx, ctx, pack, now) => {
      const scopes = scopesOf(pack);
      await forgetOtherScopes(tx, ctx, scopes);
      for (const scoped of scopes) {
        await forgetExpired(tx, ctx, scoped);
        const groups = await forgetBeyondCap(tx, ctx, scoped.scope);
        if (groups === 0) continue;
        const overflow = { what: 'groups', count: groups, now } as const;
        await raiseOverflow(tx, ctx, scoped.source, scoped.rule, overflow);
      }
    },
  };
}

function readQuiet(tx: Tx, ctx: Ctx, scope: string) {
  return tx
    .select({ key: detectorState.key })
    .from(detectorState)
    .where(
      and(
        eq(detectorState.tenantId, ctx.tenantId),
        eq(detectorState.scope, scope),
        isHead,
        isQuiet,
      ),
    )
    .orderBy(asc(detectorState.updatedAt))
    .limit(limits.windowSweepRows);
}

function closeOne(
  { scope, source, rule }: Scoped,
  key: string,
  rows: readonly WindowRow[],
  cache: WindowCache,
  now: number,
): Detected | null {
  const window = windowOfRows(rows);
  const step = window === null ? null : closeWindow(rule.plan, window.state, now);
  if (window === null || step === null) return null;
  const place = { scope, group: key };
  cache.load([place], [{ ...place, ...window }]);
  cache.change(scope, key, step.state);
  return detectedByClosing(source, rule, key, step);
}

async function forgetOtherScopes(tx: Tx, ctx: Ctx, scopes: readonly Scoped[]): Promise<void> {
  const current = scopes.map(({ scope }) => scope);
  await tx
    .delete(detectorState)
    .where(
      and(
        eq(detectorState.tenantId, ctx.tenantId),
        like(detectorState.scope, 'window:%'),
        ...(current.length > 0 ? [notInArray(detectorState.scope, current)] : []),
      ),
    );
}

async function forgetExpired(tx: Tx, ctx: Ctx, { scope, rule }: Scoped): Promise<void> {
  const lifeSeconds = (rule.plan.timespanMs + 2 * limits.allowedLatenessMs) / 1000;
  const ours = and(eq(detectorState.tenantId, ctx.tenantId), eq(detectorState.scope, scope));
  const over = lt(detectorState.updatedAt, sql`now() - make_interval(secs => ${lifeSeconds})`);
  const expired = tx
    .select({ key: detectorState.key })
    .from(detectorState)
    .where(and(ours, isHead, over));
  // The age of a window is that of its head: its other parts are left alone once they are full.
  await tx.delete(detectorState).where(and(ours, inArray(detectorState.key, expired)));
}

/** Answers how many groups had to go. */
async function forgetBeyondCap(tx: Tx, ctx: Ctx, scope: string): Promise<number> {
  const ours = and(eq(detectorState.tenantId, ctx.tenantId), eq(detectorState.scope, scope));
  const [row] = await tx.select({ groups: count() }).from(detectorState).where(and(ours, isHead));
  const over = (row?.groups ?? 0) - limits.ruleGroupsMax;
  if (over <= 0) return 0;
  const oldest = tx
    .select({ key: detectorState.key })
    .from(detectorState)
    .where(and(ours, isHead))
    .orderBy(asc(detectorState.updatedAt))
    .limit(over);
  await tx.delete(detectorState).where(and(ours, inArray(detectorState.key, oldest)));
  return over;
}
