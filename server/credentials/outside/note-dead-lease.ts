import { sql } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import type { Db } from '#db/client.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { JudgedLease } from '../read-lease.ts';
import { noteSightings } from './note-sightings.ts';

/** By pool and lease: when it was last noted. */
const noted = new WeakMap<Db, LRUCache<string, number>>();

/**
 * Starts to note that the tool's side was shown the token of a lease long dead, at most every
 * `limits.deadLeaseNotedMs` a lease, outside of the path of whoever asked. It was refused all the same.
 * What is on its way when a lease ends, or is shown while its agent holds another live one of the same
 * credential, is not noted; nor an end whose moment nobody knows, such as a stop's.
 */
export function noteDeadLease(ctx: Ctx, lease: JudgedLease): void {
  const known = noted.get(ctx.db) ?? new LRUCache<string, number>({ max: limits.keyVerdictsMax });
  noted.set(ctx.db, known);
  const nowMs = performance.now();
  const lastMs = known.get(lease.id);
  if (lastMs !== undefined && nowMs - lastMs < limits.deadLeaseNotedMs) return;
  known.set(lease.id, nowMs);
  // When it cannot be written, the next time tries again.
  recordDeadLease(ctx, lease).catch(() => known.delete(lease.id));
}

/** Notes it, where it is to be noted; answers whether it was. @throws AppError `forbidden` */
export async function recordDeadLease(ctx: Ctx, lease: JudgedLease): Promise<boolean> {
  requirePermission(ctx, 'leases.introspect');
  const grace = sql`clock_timestamp() - make_interval(secs => ${limits.deadLeaseGraceMs / 1000})`;
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx.execute<{ session_id: string | null; at: string }>(sql`
      select l.session_id, clock_timestamp()::text as at from leases l
      join credentials c on c.tenant_id = l.tenant_id and c.id = l.credential_id
      where l.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and l.id = ${uuidOf(lease.id)}::uuid
        and least(l.ended_at, l.expires_at, c.revoke_requested_at, c.expires_at) < ${grace}
        and not exists (select 1 from leases o where o.tenant_id = l.tenant_id
          and o.agent_id = l.agent_id and o.credential_id = l.credential_id
          and o.ended_at is null and o.expires_at > clock_timestamp())`);
    if (row === undefined) return false;
    const { credentialId, agentId, tool } = lease;
    await noteSightings(tx, ctx, [
      {
        credentialId,
        agentId,
        evidence: 'dead_lease_presented',
        isVerified: true,
        at: row.at,
        eventId: null,
        traceId: null,
      },
    ]);
    await writeAudit(tx, ctx, {
      action: 'lease.presented_dead',
      subject: { type: 'lease', id: lease.id },
      decision: 'deny',
      cause: lease.death ?? 'expired',
      detail: { credential: credentialId, agent: agentId, tool, sessionId: row.session_id },
    });
    return true;
  });
}
