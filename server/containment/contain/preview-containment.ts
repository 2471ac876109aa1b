import { and, eq } from 'drizzle-orm';
import { agents } from '#db/schema/agents.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { countLeases } from '#server/credentials/count-leases.ts';
import { readHoldings } from '#server/credentials/read-holdings.ts';
import { countLifters } from '#server/gate/queries.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { readPreview } from '../read-preview.ts';
import type { ContainPreview } from './contract.ts';

/** What containing an agent would reach now. @throws AppError `forbidden`, `not_found` */
export async function previewContainment(ctx: Ctx, wanted: string): Promise<ContainPreview> {
  requirePermission(ctx, 'stops.read');
  const { agent, holdings, leases } = await withRead(ctx, async (tx) => {
    const [found] = await tx
      .select({ id: agents.id, slug: agents.slug, state: agents.state })
      .from(agents)
      .where(
        and(
          eq(agents.tenantId, ctx.tenantId),
          isId('agent', wanted) ? eq(agents.id, wanted) : eq(agents.slug, wanted),
        ),
      );
    if (!found) throw new AppError('not_found', 'There is no such agent in this tenant.');
    return {
      agent: found,
      holdings: await readHoldings(tx, ctx, [found.id]),
      leases: await countLeases(tx, ctx, [found.id]),
    };
  });
  const reach = await readPreview(ctx, { kind: 'agent', id: agent.id });
  return {
    agent: agent.slug,
    isActive: agent.state === 'active',
    instances: reach.instances,
    liveLeases: leases === null ? null : (leases.get(agent.id)?.live ?? 0),
    pendingActions: reach.pendingApprovals,
    livePermits: reach.livePermits,
    inFlight: reach.inFlight,
    credentials: holdings.map((holding) => ({
      id: holding.credentialId,
      name: holding.name,
      tool: holding.tool,
      provider: holding.provider,
      sharedWith: [...holding.sharedWith],
      isRevokeRequested: holding.isRevokeRequested,
    })),
    releasers: await countLifters(ctx),
  };
}
