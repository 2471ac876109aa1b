import { and, eq, inArray, isNotNull, isNull, or } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { containments } from '#db/schema/containment.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readHoldings } from '#server/credentials/read-holdings.ts';
import type { PlacedScope, Stop } from '#server/gate/contract.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import { coveredHoldings } from '../covered-holdings.ts';
import { readCoveredAgents } from '../read-cuts.ts';

/**
 * Of these stops, those under which a credential is alive that waits for somebody to take its cut on, the
 * first one or what came since: by their ids. @throws AppError `forbidden`
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
          isNull(containments.releasedAt),
          // One that is confirmed and not cut yet is being cut.
          or(isNull(containments.confirmedAt), isNotNull(containments.cutAt)),
        ),
      );
    const idle = new Set(rows.map((row) => row.stopId));
    const waiting = new Set<string>();
    for (const { id, scope } of cutting.filter((stop) => idle.has(stop.id))) {
      if (await hasLiveHoldings(tx, ctx, scope)) waiting.add(id);
    }
    return waiting;
  });
}

/**
 * Whether anything that a scope covers now holds a credential that nobody has revoked. Where nothing is left
 * to cut, nobody is waited for.
 */
export async function hasLiveHoldings(tx: Tx, ctx: Ctx, scope: PlacedScope): Promise<boolean> {
  const agents = await readCoveredAgents(tx, ctx, scope);
  const agentIds = agents.map((agent) => agent.id);
  const holdings = await readHoldings(tx, ctx, agentIds, coveredHoldings({ scope }));
  return holdings.some(({ death }) => death.state === 'live');
}
