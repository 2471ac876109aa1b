import { and, eq, inArray, isNull } from 'drizzle-orm';
import { containments } from '#db/schema/containment.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readHoldings } from '#server/credentials/read-holdings.ts';
import type { Stop } from '#server/gate/contract.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import { coveredHoldings } from '../covered-agents.ts';
import { readCoveredAgents } from '../read-cuts.ts';

/**
 * Of these stops, those under which a credential is alive that waits for somebody to take its cut on: by
 * their ids. @throws AppError `forbidden`
 */
export async function readWaitingCuts(
  ctx: Ctx,
  stops: readonly Stop[],
): Promise<ReadonlySet<string>> {
  requirePermission(ctx, 'stops.read');
  const cutting = stops.filter((stop) => stop.level >= limits.cutLevel);
  if (cutting.length === 0) return new Set();
  return withRead(ctx, async (tx) => {
    const rows = await tx
      .select({ stopId: containments.stopId })
      .from(containments)
      .where(
        and(
          eq(containments.tenantId, ctx.tenantId),
          inArray(
            containments.stopId,
            cutting.map((stop) => stop.id),
          ),
          isNull(containments.confirmedAt),
          isNull(containments.releasedAt),
        ),
      );
    const unconfirmed = new Set(rows.map((row) => row.stopId));
    const waiting = new Set<string>();
    for (const { id, scope } of cutting.filter((stop) => unconfirmed.has(stop.id))) {
      const agents = await readCoveredAgents(tx, ctx, scope);
      const agentIds = agents.map((agent) => agent.id);
      const holdings = await readHoldings(tx, ctx, agentIds, coveredHoldings({ scope }));
      // Where nothing is left to cut, nobody is waited for.
      if (holdings.some(({ death }) => death.state === 'live')) waiting.add(id);
    }
    return waiting;
  });
}
