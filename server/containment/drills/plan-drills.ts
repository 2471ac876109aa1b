import { and, eq, sql } from 'drizzle-orm';
import type { z } from 'zod';
import { agents } from '#db/schema/agents.ts';
import { drillPlans } from '#db/schema/drills.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import type { planDrillsInput } from './contract.ts';

/**
 * Sets how often this tenant drills by itself, and on which agent; its time begins anew.
 * @throws AppError `forbidden`, `not_found`, `conflict` for an agent that is not marked for drills
 */
export async function planDrills(
  ctx: Ctx,
  wanted: z.output<typeof planDrillsInput>,
): Promise<void> {
  requirePermission(ctx, 'drills.plan');
  const noSuchAgent = () => new AppError('not_found', 'There is no such agent in this tenant.');
  if (!isId('agent', wanted.agentId)) throw noSuchAgent();
  await withTransaction(ctx, async (tx) => {
    const [agent] = await tx
      .select({ isDrill: agents.isDrill })
      .from(agents)
      .where(and(eq(agents.tenantId, ctx.tenantId), eq(agents.id, wanted.agentId)));
    if (!agent) throw noSuchAgent();
    if (!agent.isDrill) {
      throw new AppError('conflict', 'This agent is not marked for drills; mark it first.');
    }
    const set = {
      agentId: wanted.agentId,
      intervalDays: wanted.intervalDays,
      setBy: actorIdentity(ctx.actor).label,
      setAt: sql`clock_timestamp()`,
    };
    await tx
      .insert(drillPlans)
      .values({ tenantId: ctx.tenantId, ...set })
      .onConflictDoUpdate({ target: drillPlans.tenantId, set });
    await writeAudit(tx, ctx, {
      action: 'drill.planned',
      subject: { type: 'tenant', id: ctx.tenantId },
      detail: { ...wanted },
    });
  });
}
