import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { stopReceipts } from '#db/schema/containment.ts';
import { stopResumptions, stops } from '#db/schema/gate.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { nextEpoch } from './next-epoch.ts';

/**
 * Lets a stop cover again whom it had let go on: one agent, or (null) every one. Like a stop that is
 * placed anew it takes a new number, which kills the permits of the time in between, and has to drain;
 * and what the agent's instances said of it before they went on says nothing of now, so it is taken back.
 * The caller holds `lockEpoch`.
 * @returns agents that are covered again, and the stop's new number; no agent: nothing was changed
 */
export async function endResumptions(
  tx: Tx,
  ctx: Ctx,
  stopId: string,
  agentId: string | null,
  because: string,
): Promise<{ readonly agentIds: readonly string[]; readonly epoch: number | null }> {
  const ended = await tx
    .update(stopResumptions)
    .set({ endedAt: sql`clock_timestamp()`, endReason: because })
    .where(
      and(
        eq(stopResumptions.tenantId, ctx.tenantId),
        eq(stopResumptions.stopId, stopId),
        agentId === null ? undefined : eq(stopResumptions.agentId, agentId),
        isNull(stopResumptions.endedAt),
      ),
    )
    .returning({ agentId: stopResumptions.agentId });
  if (ended.length === 0) return { agentIds: [], epoch: null };
  const agentIds = ended.map((one) => one.agentId);
  await tx
    .update(stopReceipts)
    .set({
      state: 'delivered',
      deliveredAt: null,
      acknowledgedAt: null,
      inFlight: null,
      updatedAt: sql`clock_timestamp()`,
    })
    .where(
      and(
        eq(stopReceipts.tenantId, ctx.tenantId),
        eq(stopReceipts.stopId, stopId),
        inArray(stopReceipts.agentId, agentIds),
      ),
    );
  const epoch = await nextEpoch(tx, ctx);
  await tx
    .update(stops)
    .set({ state: 'draining', acknowledgedAt: null, epoch })
    .where(and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, stopId)));
  return { agentIds, epoch };
}
