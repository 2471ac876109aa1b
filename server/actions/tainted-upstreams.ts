import { LRUCache } from 'lru-cache';
import type { Db } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Ask } from './contract.ts';

/** By pool: what one database says is nothing to another. */
const seen = new WeakMap<Db, LRUCache<string, true>>();

function cacheOf(db: Db): LRUCache<string, true> {
  const cache = seen.get(db) ?? new LRUCache({ max: limits.taintedUpstreamsMax });
  seen.set(db, cache);
  return cache;
}

/** An ask that names only events is not kept: each names others. */
function nameOf({ tenantId }: Ctx, { traceId, sessionId }: Ask): string | null {
  if (!traceId && !sessionId) return null;
  return JSON.stringify([tenantId, traceId ?? null, sessionId ?? null]);
}

/** Notes how an ask went: whether untrusted content stood upstream, as its facts behind the gate said. */
export function noteUpstream(ctx: Ctx, ask: Ask, isTainted: boolean): void {
  const name = nameOf(ctx, ask);
  if (name === null) return;
  if (isTainted) cacheOf(ctx.db).set(name, true);
  else cacheOf(ctx.db).delete(name);
}

/**
 * Whether untrusted content stood upstream of the last ask of the same trace and session, in this
 * process. A guess, which saves passing the gate once for nothing: what is decided by is read behind
 * the gate each time.
 */
export function isLikelyTainted(ctx: Ctx, ask: Ask): boolean {
  const name = nameOf(ctx, ask);
  return name !== null && cacheOf(ctx.db).get(name) === true;
}
