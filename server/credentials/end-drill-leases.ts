import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { leases } from '#db/schema/credentials.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';

/**
 * Ends every live lease of a drill's agent in the caller's transaction, as giving each back does.
 * @returns how many there were
 * @throws AppError `forbidden`
 */
export async function endDrillLeases(tx: Tx, ctx: Ctx, agentId: string): Promise<number> {
  requirePermission(ctx, 'drills.measure');
  const ended = await tx
    .update(leases)
    .set({ endedAt: sql`clock_timestamp()`, ended: 'revoked' })
    .where(
      and(
        eq(leases.tenantId, ctx.tenantId),
        eq(leases.agentId, agentId),
        isNull(leases.endedAt),
        sql`${leases.expiresAt} > clock_timestamp()`,
      ),
    )
    .returning({ id: leases.id, tool: leases.tool });
  for (const { id, tool } of ended) {
    await writeAudit(tx, ctx, {
      action: 'lease.ended',
      subject: { type: 'lease', id },
      cause: 'drill',
      detail: { tool },
    });
  }
  return ended.length;
}
