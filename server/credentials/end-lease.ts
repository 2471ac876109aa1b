import { and, eq, isNull, sql } from 'drizzle-orm';
import { instantOrNullFromDriver } from '#db/columns.ts';
import { leases } from '#db/schema/credentials.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { agentOf } from '#server/auth/requesting-agent.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import type { EndedLease } from './contract.ts';
import type { LeaseTools } from './lease-jwt.ts';
import { offlineUntilOf } from './offline-leases.ts';
import { hashAnyLeaseToken } from './lease-token.ts';

/**
 * An agent gives a lease of its own back; it is dead from the commit on. A second time changes nothing.
 * @throws AppError `forbidden`, `not_found`
 */
export async function endOwnLease(ctx: Ctx, id: string): Promise<EndedLease> {
  requirePermission(ctx, 'leases.issue');
  const ended = isId('lease', id) ? await endWhere(ctx, eq(leases.id, id)) : null;
  if (ended === null) throw new AppError('not_found', 'This agent holds no lease of this id.');
  return { id, active: false, offlineUntil: ended.offlineUntil };
}

/**
 * The same by the token (RFC 7009). A token that is unknown, or another agent's, is answered like one
 * that was ended: there is nothing left to do for whoever asks.
 * @throws AppError `forbidden`
 */
export async function endOwnToken(ctx: Ctx, tools: LeaseTools, token: string): Promise<void> {
  requirePermission(ctx, 'leases.issue');
  const hash = await hashAnyLeaseToken(tools, token);
  if (hash !== null) await endWhere(ctx, eq(leases.tokenHash, hash));
}

const offlineUntil = sql<string | null>`(${offlineUntilOf(sql`leases`)})::text`;

/** @returns null where there is no such lease of this agent. */
function endWhere(
  ctx: Ctx,
  which: ReturnType<typeof eq>,
): Promise<Pick<EndedLease, 'offlineUntil'> | null> {
  const { agent } = agentOf(ctx);
  const mine = and(eq(leases.tenantId, ctx.tenantId), eq(leases.agentId, agent.id), which);
  return withTransaction(ctx, async (tx) => {
    const [ended] = await tx
      .update(leases)
      .set({ endedAt: sql`clock_timestamp()`, ended: 'revoked' })
      .where(and(mine, isNull(leases.endedAt)))
      .returning({ id: leases.id, tool: leases.tool, offlineUntil });
    if (!ended) {
      const [found] = await tx.select({ offlineUntil }).from(leases).where(mine);
      return found === undefined
        ? null
        : { offlineUntil: instantOrNullFromDriver(found.offlineUntil) };
    }
    await writeAudit(tx, ctx, {
      action: 'lease.ended',
      subject: { type: 'lease', id: ended.id },
      cause: 'revoked',
      detail: { tool: ended.tool },
    });
    return { offlineUntil: instantOrNullFromDriver(ended.offlineUntil) };
  });
}
