import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { leases } from '#db/schema/credentials.ts';
import { writeAuditRows } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';

/** Leases of an agent, of one session whoever's it is, or of one session of an agent. */
export type LeasesOf =
  | { readonly agentId: string; readonly sessionId: string | null }
  | { readonly agentId: null; readonly sessionId: string };

/** Who may end leases that are not theirs: a drill, and what a registered transmitter tells. */
const needed = { drill: 'drills.measure', session_revoked: 'security_events.apply' } as const;

/**
 * Ends live leases in the caller's transaction, as giving each back does.
 * @returns how many there were
 * @throws AppError `forbidden`
 */
export async function endAgentLeases(
  tx: Tx,
  ctx: Ctx,
  of: LeasesOf,
  cause: keyof typeof needed,
): Promise<number> {
  requirePermission(ctx, needed[cause]);
  const ended = await tx
    .update(leases)
    .set({ endedAt: sql`clock_timestamp()`, ended: 'revoked' })
    .where(
      and(
        eq(leases.tenantId, ctx.tenantId),
        of.agentId === null ? undefined : eq(leases.agentId, of.agentId),
        of.sessionId === null ? undefined : eq(leases.sessionId, of.sessionId),
        isNull(leases.endedAt),
        sql`${leases.expiresAt} > clock_timestamp()`,
      ),
    )
    .returning({ id: leases.id, tool: leases.tool });
  await writeAuditRows(
    tx,
    ctx,
    ended.map(({ id, tool }) => ({
      action: 'lease.ended',
      subject: { type: 'lease', id },
      cause,
      detail: { tool },
    })),
  );
  return ended.length;
}
