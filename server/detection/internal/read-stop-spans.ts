import { and, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { agents } from '#db/schema/agents.ts';
import { stopReceipts } from '#db/schema/containment.ts';
import { agentAncestors, stopResumptions, stops } from '#db/schema/gate.ts';
import {
  coversWork,
  spanFor,
  type StopSpan,
  violatesStop,
  type WorkSubject,
} from '#server/detection/stopped-work.ts';
import { anyAncestor } from '#server/gate/tree-members.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/** The stops that bear on a stretch of time, and what the instances of some agents answered. */
export interface StopSpans {
  /** True and false where a stop was in force at the time or soon after it; null where none was. */
  readonly isViolatedBy: (
    work: Omit<WorkSubject, 'environment'> & {
      /** Null where any copy of the agent may have done it: then all of them have to have answered. */
      readonly instanceId: string | null;
      readonly atMs: number;
    },
  ) => boolean | null;
}

const noStops: StopSpans = { isViolatedBy: () => null };

/** Reads the stops that stand or were lifted after `sinceMs`; most of the time there are none. */
export async function readStopSpans(
  tx: Tx,
  ctx: Ctx,
  agentIds: readonly string[],
  sinceMs: number,
): Promise<StopSpans> {
  const since = new Date(sinceMs).toISOString();
  const rows = await tx
    .select({
      id: stops.id,
      kind: stops.scopeKind,
      scopeId: stops.scopeId,
      placedAt: stops.placedAt,
      liftedAt: stops.liftedAt,
      treeRootId: stops.treeRootId,
    })
    .from(stops)
    .where(
      and(
        eq(stops.tenantId, ctx.tenantId),
        or(isNull(stops.liftedAt), gt(stops.liftedAt, sql`${since}::timestamptz`)),
      ),
    );
  if (rows.length === 0 || agentIds.length === 0) return noStops;
  const trees = await readTrees(
    tx,
    ctx,
    agentIds,
    rows.flatMap((row) => row.treeRootId ?? []),
  );
  const spans = rows.map(({ id, kind, scopeId, placedAt, liftedAt }) => ({
    id,
    span: {
      members: trees.get(scopeId) ?? new Map<string, number>(),
      kind,
      scopeId,
      placedAtMs: Date.parse(placedAt),
      liftedAtMs: liftedAt === null ? null : Date.parse(liftedAt),
    } satisfies StopSpan,
  }));
  const environments = await readEnvironments(tx, ctx, agentIds);
  const answers = await readAnswers(
    tx,
    ctx,
    agentIds,
    rows.map((row) => row.id),
  );
  const resumed = await readResumed(
    tx,
    ctx,
    agentIds,
    rows.map(({ id }) => id),
  );
  return {
    isViolatedBy: ({ instanceId, atMs, ...work }) => {
      const subject = { ...work, environment: environments.get(work.agentId) ?? null };
      const covering = spans.flatMap(({ id, span }) => {
        const held = heldAt(span, resumed.get(`${id} ${work.agentId}`) ?? [], atMs);
        const mine = held === null ? null : spanFor(held, work.agentId);
        return mine !== null && coversWork(mine, subject) ? [{ id, span: mine }] : [];
      });
      if (covering.length === 0) return null;
      return covering.some(({ id, span }) => {
        const answered = answers.get(`${id} ${work.agentId}`) ?? [];
        return violatesStop(span, acknowledgedAt(answered, instanceId), atMs);
      });
    },
  };
}

/** By stop and agent: when the stop let the agent go on. */
async function readResumed(
  tx: Tx,
  ctx: Ctx,
  agentIds: readonly string[],
  stopIds: readonly string[],
) {
  const rows = await tx
    .select({
      stopId: stopResumptions.stopId,
      agentId: stopResumptions.agentId,
      at: stopResumptions.at,
      endedAt: stopResumptions.endedAt,
    })
    .from(stopResumptions)
    .where(
      and(
        eq(stopResumptions.tenantId, ctx.tenantId),
        inArray(stopResumptions.stopId, [...stopIds]),
        inArray(stopResumptions.agentId, [...agentIds]),
      ),
    );
  return Map.groupBy(
    rows.map(({ stopId, agentId, at, endedAt }) => ({
      key: `${stopId} ${agentId}`,
      fromMs: Date.parse(at),
      untilMs: endedAt === null ? Infinity : Date.parse(endedAt),
    })),
    ({ key }) => key,
  );
}

/**
 * A stop as it held an agent at a moment: from when the agent was held again, where it had gone first
 * before. Null while it went first; the skew of the clocks is in its favour.
 */
function heldAt(
  span: StopSpan,
  free: readonly { readonly fromMs: number; readonly untilMs: number }[],
  atMs: number,
): StopSpan | null {
  const begun = free.filter(({ fromMs }) => fromMs - limits.evidenceSkewMs <= atMs);
  if (begun.length === 0) return span;
  const untilMs = Math.max(...begun.map((one) => one.untilMs));
  return atMs < untilMs ? null : { ...span, placedAtMs: Math.max(span.placedAtMs, untilMs) };
}

type Answer = Awaited<ReturnType<typeof readAnswers>> extends Map<string, infer A> ? A : never;

function acknowledgedAt(answers: Answer, instanceId: string | null): number | null {
  if (instanceId !== null) {
    return answers.find((answer) => answer.instanceId === instanceId)?.atMs ?? null;
  }
  const times = answers.map((answer) => answer.atMs);
  return times.length === 0 || times.includes(null) ? null : Math.max(...times.map(Number));
}

async function readEnvironments(tx: Tx, ctx: Ctx, agentIds: readonly string[]) {
  const rows = await tx
    .select({ id: agents.id, environment: agents.environment })
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenantId), inArray(agents.id, [...agentIds])));
  return new Map(rows.map((row) => [row.id, row.environment]));
}

/** By root: which of these agents are in its tree, and since when; a root always was. */
async function readTrees(tx: Tx, ctx: Ctx, agentIds: readonly string[], roots: readonly string[]) {
  const trees = new Map(roots.map((root) => [root, new Map([[root, 0]])]));
  if (roots.length === 0) return trees;
  const rows = await tx
    .select({
      agentId: agentAncestors.agentId,
      ancestorId: agentAncestors.ancestorId,
      at: agentAncestors.at,
    })
    .from(agentAncestors)
    .where(
      and(
        eq(agentAncestors.tenantId, ctx.tenantId),
        inArray(agentAncestors.agentId, [...agentIds]),
        inArray(agentAncestors.ancestorId, [...roots, idOf('agent', anyAncestor)]),
      ),
    );
  for (const { agentId, ancestorId, at } of rows) {
    const isOfAny = uuidOf(ancestorId) === anyAncestor;
    for (const [root, members] of trees) {
      if (!isOfAny && root !== ancestorId) continue;
      members.set(agentId, Math.min(members.get(agentId) ?? Infinity, Date.parse(at)));
    }
  }
  return trees;
}

/** By stop and agent: when each instance that was told of the stop acknowledged it. */
async function readAnswers(
  tx: Tx,
  ctx: Ctx,
  agentIds: readonly string[],
  stopIds: readonly string[],
) {
  const rows = await tx
    .select({
      stopId: stopReceipts.stopId,
      agentId: stopReceipts.agentId,
      instanceId: stopReceipts.instanceId,
      acknowledgedAt: stopReceipts.acknowledgedAt,
    })
    .from(stopReceipts)
    .where(
      and(
        eq(stopReceipts.tenantId, ctx.tenantId),
        inArray(stopReceipts.stopId, [...stopIds]),
        inArray(stopReceipts.agentId, [...agentIds]),
      ),
    );
  return Map.groupBy(
    rows.map((row) => ({
      ...row,
      atMs: row.acknowledgedAt === null ? null : Date.parse(row.acknowledgedAt),
    })),
    (row) => `${row.stopId} ${row.agentId}`,
  );
}
