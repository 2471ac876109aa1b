import { LRUCache } from 'lru-cache';
import { holdSpawningTrees, type ToldSpawn } from '#server/gate/hold-spawning-trees.ts';
import { recordSpawns, type Spawn } from '#server/gate/record-spawn.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

/** Keeps who started whom before the events that tell it are stored, and blocks what a stop blocks. */
export interface SpawnRecorder {
  /** @throws AppError `store_unavailable`, as `recordSpawns` */
  readonly record: (ctx: Ctx, told: readonly ToldSpawn[]) => Promise<void>;
}

/**
 * A recorder with memory: what was kept once is never taken away, so it need not be asked for again.
 * Verified and claimed are remembered apart, because they are two rows.
 */
export function createSpawnRecorder(): SpawnRecorder {
  const known = new LRUCache<string, true>({ max: limits.spawnsRememberedMax });
  return {
    record: async (ctx, told) => {
      const by = ctx.actor.type === 'key' ? ctx.actor.kind : ctx.actor.type;
      const nameOf = (spawn: Spawn) => `${ctx.tenantId} ${spawn.parentId} ${spawn.childId} ${by}`;
      const fresh = new Map(told.map((spawn) => [nameOf(spawn), spawn]));
      for (const name of fresh.keys()) if (known.has(name)) fresh.delete(name);
      if (fresh.size > 0) await recordSpawns(ctx, [...fresh.values()]);
      for (const name of fresh.keys()) known.set(name, true);
      // Also of pairs that are known: a stop may have been placed since.
      if (told.length > 0) await holdSpawningTrees(ctx, told);
    },
  };
}
