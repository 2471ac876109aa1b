import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { leases } from '#db/schema/credentials.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';

/** Leases of an agent, of sessions whoever's they are, or of sessions of an agent; null for all of its. */
export type LeasesOf =
  | { readonly agentId: string; readonly sessionIds: readonly string[] | null }
  | { readonly agentId: null; readonly sessionIds: readonly string[] };

/** Why leases end together: who may end them so, and what each says of its end. */
const causes = {
  drill: { needed: 'drills.measure', ended: 'revoked' },
  session_ended: { needed: 'control.follow', ended: 'session_ended' },
  session_revoked: { needed: 'security_events.apply', ended: 'revoked' },
} as const;

/**
 * Ends live leases in the transaction that learns that they are over.
 * @returns how many there were
 * @throws AppError `forbidden`
 */
export async function endAgentLeases(
  tx: Tx,
  ctx: Ctx,
  of: LeasesOf,
  cause: keyof typeof causes,
): Promise<number> {
  requirePermission(ctx, causes[cause].needed);
  // Nearly every heartbeat.
  if (of.sessionIds?.length === 0) return 0;
  const ended = await tx
    .update(leases)
    .set({ endedAt: sql`clock_timestamp()`, ended: causes[cause].ended })
    .where(
      and(
        eq(leases.tenantId, ctx.tenantId),
        of.agentId === null ? undefined : eq(leases.agentId, of.agentId),
        of.sessionIds === null ? undefined : inArray(leases.sessionId, [...of.sessionIds]),
        isNull(leases.endedAt),
        sql`${leases.expiresAt} > clock_timestamp()`,
      ),
    )
    .returning({ id: leases.id, tool: leases.tool, sessionId: leases.sessionId });
  await writeAudit(
    tx,
    ctx,
    ended.map(({ id, tool, sessionId }) => ({
      action: 'lease.ended',
      subject: { type: 'lease', id },
      cause,
      detail: { tool, sessionId },
    })),
  );
  return ended.length;
}
