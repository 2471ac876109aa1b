import { and, eq, isNotNull, ne, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { stops } from '#db/schema/gate.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { isStoreError } from '#server/http/problem.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { noteChanges } from '#server/live/note-change.ts';
import { lockEpoch, nextEpoch } from './internal/next-epoch.ts';
import { takeGateAlone } from '#server/kernel/take-gate-alone.ts';
import { anyAncestor } from './tree-members.ts';

/** That one agent started another one, by their ids. */
export interface Spawn {
  readonly parentId: string;
  readonly childId: string;
}

interface Joined {
  readonly agentId: string;
  readonly ancestorId: string;
}

/**
 * Keeps which agents started which, and whose trees the children and their own descendants are in from
 * now on. Before the events are stored: whoever was told that a spawn is stored has its child covered.
 *
 * It only ever adds. A shared key may claim any parent, an agent's own key only itself; neither can take
 * an agent out of a tree. Cycles and further parents are rows like others. Under a standing stop of a
 * tree it is a stop of the child: it gets a number of its own, and what the children began at the gate
 * before is waited for, once for all of them: one request must not hold the gate alone a thousand times.
 *
 * The counter of stops is the lock, for `limits.spawnsAtOnce` at a time: a stop that is placed at the
 * same moment either sees these rows or is seen here, and never waits for a whole request.
 * @throws AppError `forbidden`, `store_unavailable` when the gate was not had; nothing is lost then,
 *   and the sender's next try waits again
 */
export async function recordSpawns(ctx: Ctx, told: readonly Spawn[]): Promise<void> {
  requirePermission(ctx, 'spawns.record');
  const own = ctx.actor.type === 'key' ? ctx.actor.agent : null;
  if (own !== null && told.some(({ parentId }) => parentId !== own.id)) {
    throw new AppError('forbidden', 'An agent’s own key tells only of agents that it started.');
  }
  const spawns = told.filter(({ parentId, childId }) => parentId !== childId);
  let isUnderStop = false;
  for (let from = 0; from < spawns.length; from += limits.spawnsAtOnce) {
    const some = spawns.slice(from, from + limits.spawnsAtOnce);
    if (await withTransaction(ctx, (tx) => addAll(tx, ctx, some))) isUnderStop = true;
  }
  if (isUnderStop) await waitForGate(ctx);
}

type TreeStops = Awaited<ReturnType<typeof readTreeStops>>;

/** True when a stop of some tree stands: what the children began before may still be at the gate. */
async function addAll(tx: Tx, ctx: Ctx, spawns: readonly Spawn[]): Promise<boolean> {
  await lockEpoch(tx, ctx);
  const standing = await readTreeStops(tx, ctx);
  for (const spawn of spawns) await addToTrees(tx, ctx, spawn, standing);
  return standing.length > 0;
}

async function addToTrees(tx: Tx, ctx: Ctx, spawn: Spawn, standing: TreeStops): Promise<void> {
  const isNew = await insertSpawn(tx, ctx, spawn);
  const epoch = standing.length > 0 ? await nextEpoch(tx, ctx) : 0;
  const joined = await insertAncestors(tx, ctx, spawn, epoch);
  if (isNew || joined.length > 0) {
    await writeAudit(tx, ctx, {
      action: 'agent.spawned',
      subject: { type: 'agent', id: spawn.childId },
      detail: { parentId: spawn.parentId, isVerified: isVerified(ctx), joined: joined.length },
    });
  }
  const covered = standing.flatMap(({ id, rootId }) => {
    const isOfRoot = (one: Joined) =>
      one.ancestorId === rootId || uuidOf(one.ancestorId) === anyAncestor;
    return [...new Set(joined.filter(isOfRoot).map((one) => one.agentId))].map((agentId) => ({
      noun: 'stop' as const,
      subjectId: id,
      change: 'joined',
      agentId,
    }));
  });
  await noteChanges(tx, ctx, covered);
}

const isVerified = ({ actor }: Ctx): boolean => actor.type === 'key' && actor.kind === 'agent';

/** Stops of any tree that stand: there are seldom more than one, and each is worth the waiting. */
async function readTreeStops(tx: Tx, ctx: Ctx): Promise<{ id: string; rootId: string | null }[]> {
  return tx
    .select({ id: stops.id, rootId: stops.treeRootId })
    .from(stops)
    .where(
      and(
        eq(stops.tenantId, ctx.tenantId),
        isNotNull(stops.treeRootId),
        ne(stops.state, 'lifted'),
        sql`(${stops.liftedAt} is null or ${stops.liftedAt} > clock_timestamp())`,
      ),
    );
}

/** False when it was known, or when the child has so many parents that one more tells nothing. */
async function insertSpawn(tx: Tx, ctx: Ctx, spawn: Spawn): Promise<boolean> {
  const child = sql`${uuidOf(spawn.childId)}::uuid`;
  const tenant = sql`${uuidOf(ctx.tenantId)}::uuid`;
  const rows = await tx.execute(sql`
    insert into spawns (tenant_id, parent_id, child_id, is_verified)
    select ${tenant}, ${uuidOf(spawn.parentId)}::uuid, ${child}, ${isVerified(ctx)}
    where (select count(*) from spawns where tenant_id = ${tenant} and child_id = ${child})
      < ${limits.agentAncestorsMax}
    on conflict do nothing returning 1`);
  return rows.length > 0;
}

/**
 * The parent and its ancestors become ancestors of the child and of its descendants. Where that were
 * more than are kept, {@link anyAncestor} stands for the rest: cut off would mean out of reach.
 */
async function insertAncestors(tx: Tx, ctx: Ctx, spawn: Spawn, epoch: number): Promise<Joined[]> {
  const [parent, child] = [uuidOf(spawn.parentId), uuidOf(spawn.childId)];
  const rows = await tx.execute<{ agent_id: string; ancestor_id: string }>(sql`
    with mine as not materialized (select agent_id, ancestor_id from agent_ancestors
        where tenant_id = ${uuidOf(ctx.tenantId)}::uuid),
      above as (select ancestor_id as id from mine where agent_id = ${parent}::uuid
        union select ${parent}::uuid),
      below as (select agent_id as id from mine where ancestor_id = ${child}::uuid
        union select ${child}::uuid),
      wanted as (
        select below.id as agent_id, above.id as ancestor_id,
          (select count(*) from mine where mine.agent_id = below.id)
            + row_number() over (partition by below.id order by above.id) as place
        from below cross join above
        where below.id <> above.id and not exists (select 1 from mine
          where mine.agent_id = below.id and mine.ancestor_id = above.id))
    insert into agent_ancestors (tenant_id, agent_id, ancestor_id, epoch)
    select distinct ${uuidOf(ctx.tenantId)}::uuid, agent_id,
      case when place <= ${limits.agentAncestorsMax} then ancestor_id else ${anyAncestor}::uuid end,
      ${epoch}::bigint
    from wanted on conflict do nothing returning agent_id, ancestor_id`);
  return rows.map((row) => ({
    agentId: idOf('agent', row.agent_id),
    ancestorId: idOf('agent', row.ancestor_id),
  }));
}

/** As the drain of a stop: once it has held the gate alone, what did not see the child's tree is over. */
async function waitForGate(ctx: Ctx): Promise<void> {
  try {
    // no-audit: it waits, and writes nothing.
    await withTransaction(ctx, (tx) => takeGateAlone(tx, ctx));
  } catch (error) {
    if (!isStoreError(error)) throw error;
    throw new AppError(
      'store_unavailable',
      'A stop is being brought to the agent that was started; send the event again.',
      { cause: error, retryAfterSeconds: 1 },
    );
  }
}
