import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { leases } from '#db/schema/credentials.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';

/**
 * Ends the leases of an agent's sessions that are over, in the transaction that learns it.
 * @throws AppError `forbidden`
 */
export async function endSessionLeases(
  tx: Tx,
  ctx: Ctx,
  agentId: string,
  sessionIds: readonly string[],
): Promise<void> {
  requirePermission(ctx, 'control.follow');
  if (sessionIds.length === 0) return;
  const ended = await tx
    .update(leases)
    .set({ endedAt: sql`clock_timestamp()`, ended: 'session_ended' })
    .where(
      and(
        eq(leases.tenantId, ctx.tenantId),
        eq(leases.agentId, agentId),
        inArray(leases.sessionId, [...sessionIds]),
        isNull(leases.endedAt),
        sql`${leases.expiresAt} > clock_timestamp()`,
      ),
    )
    .returning({ id: leases.id, tool: leases.tool, sessionId: leases.sessionId });
  for (const { id, tool, sessionId } of ended) {
    await writeAudit(tx, ctx, {
      action: 'lease.ended',
      subject: { type: 'lease', id },
      cause: 'session_ended',
      detail: { tool, sessionId },
    });
  }
}
