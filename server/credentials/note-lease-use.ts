import { sql } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import type { Db } from '#db/client.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/** By pool and lease: when its use was last noted. */
const noted = new WeakMap<Db, LRUCache<string, number>>();

/**
 * Starts to note that a lease was used, at most every `limits.leaseUseNotedMs`, outside of the path of
 * whoever asked. It is shown to people and decides nothing.
 */
export function noteLeaseUse(
  ctx: Ctx,
  lease: { readonly id: string; readonly credentialId: string },
): void {
  const known = noted.get(ctx.db) ?? new LRUCache<string, number>({ max: limits.keyVerdictsMax });
  noted.set(ctx.db, known);
  const nowMs = performance.now();
  const lastMs = known.get(lease.id);
  if (lastMs !== undefined && nowMs - lastMs < limits.leaseUseNotedMs) return;
  known.set(lease.id, nowMs);
  // When it cannot be written, the next use tries again.
  writeUse(ctx, lease).catch(() => known.delete(lease.id));
}

// no-audit: the last use of a lease is not a change that somebody made.
async function writeUse(ctx: Ctx, lease: { id: string; credentialId: string }): Promise<void> {
  await withTransaction(ctx, async (tx) => {
    const tenant = sql`${uuidOf(ctx.tenantId)}::uuid`;
    // The credential before its lease, as a revocation takes them: the other order has deadlocked one.
    // One row that all leases of a credential share: whoever finds it fresh leaves it.
    await tx.execute(sql`update credentials set last_used_at = clock_timestamp()
      where tenant_id = ${tenant} and id = ${uuidOf(lease.credentialId)}::uuid
        and (last_used_at is null
          or last_used_at < clock_timestamp() - make_interval(secs => ${limits.leaseUseNotedMs / 1000}))`);
    await tx.execute(sql`update leases set last_used_at = clock_timestamp()
      where tenant_id = ${tenant} and id = ${uuidOf(lease.id)}::uuid`);
  });
}
