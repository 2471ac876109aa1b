import { LRUCache } from 'lru-cache';
import type { AgentName } from '#server/agents/resolve-agent.ts';
import { recordSpawn } from '#server/gate/record-spawn.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

/** Keeps who started whom before the event that tells it is stored. */
export interface SpawnRecorder {
  /** @throws AppError `store_unavailable`, as `recordSpawn` */
  readonly record: (ctx: Ctx, parent: AgentName, child: AgentName) => Promise<void>;
}

/**
 * A recorder with memory: what was kept once is never taken away, so it need not be asked for again.
 * Verified and claimed are remembered apart, because they are two rows.
 */
export function createSpawnRecorder(): SpawnRecorder {
  const known = new LRUCache<string, true>({ max: limits.spawnsRememberedMax });
  return {
    record: async (ctx, parent, child) => {
      const by = ctx.actor.type === 'key' ? ctx.actor.kind : ctx.actor.type;
      const name = `${ctx.tenantId} ${parent.id} ${child.id} ${by}`;
      if (known.has(name)) return;
      await recordSpawn(ctx, { parentId: parent.id, childId: child.id });
      known.set(name, true);
    },
  };
}
