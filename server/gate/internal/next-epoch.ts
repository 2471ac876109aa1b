import { eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { stopEpochs } from '#db/schema/gate.ts';
import type { Ctx } from '#server/kernel/context.ts';

/**
 * Locks the tenant's counter until the end of the transaction, so that two people who press at once
 * come one after the other. Held for a few statements; decisions only read it.
 */
export async function lockEpoch(tx: Tx, ctx: Ctx): Promise<void> {
  await tx.insert(stopEpochs).values({ tenantId: ctx.tenantId, epoch: 0 }).onConflictDoNothing();
  await tx
    .select({ epoch: stopEpochs.epoch })
    .from(stopEpochs)
    .where(eq(stopEpochs.tenantId, ctx.tenantId))
    .for('update');
}

/** The next number of the tenant's stops. The caller holds {@link lockEpoch}. */
export async function nextEpoch(tx: Tx, ctx: Ctx): Promise<number> {
  const [row] = await tx
    .update(stopEpochs)
    .set({ epoch: sql`${stopEpochs.epoch} + 1` })
    .where(eq(stopEpochs.tenantId, ctx.tenantId))
    .returning({ epoch: stopEpochs.epoch });
  if (!row) throw new Error('the counter of stops is gone');
  return row.epoch;
}
