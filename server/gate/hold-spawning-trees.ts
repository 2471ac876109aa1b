import { type SQL, sql } from 'drizzle-orm';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { placeStop } from './place-stop.ts';
import type { Spawn } from './record-spawn.ts';

/** A spawn as it is told: when it began, RFC 3339, by the teller's clock. */
export interface ToldSpawn extends Spawn {
  readonly startedAt: string;
}

/** From this level on what a stopped agent starts does not work either. */
const blocksSpawnFrom = 2;

/**
 * Blocks what stopped agents start: where a stop of level 2 or more stands on the parent itself or on its
 * environment, and the spawn began under it, the parent's whole tree is stopped too. A stop of one agent
 * leaves alone what it started before; one that goes on starting others does not keep to its stop. When it
 * began is the teller's word: who dates it back hides it, as who tells of no spawn does.
 *
 * Called after `recordSpawns`, so the child is in the tree, and before the event is stored: whoever was
 * told that a spawn is stored has its child refused. The tree is stopped at level 2, whatever the other
 * stop's: an ingest key may claim any spawn, and a claim must not revoke credentials for good.
 * @throws AppError `forbidden`, `store_unavailable`
 */
export async function holdSpawningTrees(ctx: Ctx, told: readonly ToldSpawn[]): Promise<void> {
  requirePermission(ctx, 'spawns.record');
  const lastStart = new Map<string, number>();
  for (const { parentId, childId, startedAt } of told) {
    if (parentId === childId) continue;
    lastStart.set(parentId, Math.max(lastStart.get(parentId) ?? 0, Date.parse(startedAt)));
  }
  if (lastStart.size === 0) return;
  const found = await readBlocking(ctx, [...lastStart.keys()]);
  const spawning = found.filter((one) => (lastStart.get(one.agentId) ?? 0) >= one.placedMs);
  const byAgent = new Map(spawning.map((one) => [one.agentId, one]));
  for (const { agentId, stopId } of byAgent.values()) await stopTree(ctx, agentId, stopId);
}

interface Row extends Record<string, unknown> {
  readonly agent: string;
  readonly stop: string;
  readonly placed_ms: number;
}

/** Standing stops over these agents that block spawns, of those whose tree is not stopped so yet. */
async function readBlocking(ctx: Ctx, agentIds: readonly string[]) {
  const asked = sql.join(
    agentIds.map((id) => sql`(${uuidOf(id)}::uuid, ${id}::text)`),
    sql`, `,
  );
  const rows = await withRead(ctx, (tx) =>
    tx.execute<Row>(sql`
      select asked.name as agent, s.id as stop,
        (extract(epoch from s.placed_at) * 1000)::float8 as placed_ms
      from (values ${asked}) as asked (id, name)
      join agents a on a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and a.id = asked.id
      join stops s on s.tenant_id = a.tenant_id and s.level >= ${blocksSpawnFrom} and ${stands('s')}
        and ((s.scope_kind = 'agent' and s.scope_id = asked.name)
          or (s.scope_kind = 'environment' and s.scope_id = a.environment))
      where not exists (select 1 from stop_resumptions r where r.tenant_id = s.tenant_id
          and r.stop_id = s.id and r.agent_id = a.id and r.ended_at is null)
        and not exists (select 1 from stops tree where tree.tenant_id = a.tenant_id
          and tree.tree_root_id = a.id and tree.level >= ${blocksSpawnFrom} and ${stands('tree')})
      order by s.placed_at desc`),
  );
  return rows.map((row) => ({
    agentId: row.agent,
    stopId: idOf('stop', row.stop),
    placedMs: row.placed_ms,
  }));
}

/** That a stop has not been lifted, by its table's name in the statement. */
const stands = (name: string): SQL =>
  sql.raw(`${name}.state <> 'lifted'
    and (${name}.lifted_at is null or ${name}.lifted_at > clock_timestamp())`);

async function stopTree(ctx: Ctx, agentId: string, stopId: string): Promise<void> {
  const ours: Ctx = { ...ctx, actor: { type: 'system', name: 'system:spawn' } };
  try {
    await placeStop(ours, {
      scope: { kind: 'tree', id: agentId },
      level: blocksSpawnFrom,
      reason: `The agent started another one under ${stopId}, which blocks that.`,
    });
  } catch (error) {
    // As many stops stand as may: telemetry is taken in all the same, and the spawn is an alert of its own.
    if (!isAppError(error) || error.code !== 'conflict') throw error;
  }
}
