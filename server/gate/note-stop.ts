import { and, eq } from 'drizzle-orm';
import { stops } from '#db/schema/gate.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';

const noSuchStop = () => new AppError('not_found', 'There is no such stop in this tenant.');

/**
 * Keeps in the audit log what somebody adds to a stop in their own words. Said after it was placed,
 * never before: under pressure a reason is picked, not written. The stop itself does not change, so
 * that its first reason stays what it was.
 * @throws AppError `forbidden`, `not_found`
 */
export async function noteStop(ctx: Ctx, id: string, text: string): Promise<void> {
  requirePermission(ctx, 'stops.place');
  if (!isId('stop', id)) throw noSuchStop();
  await withTransaction(ctx, async (tx) => {
    const [stop] = await tx
      .select({ id: stops.id })
      .from(stops)
      .where(and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, id)));
    if (!stop) throw noSuchStop();
    await writeAudit(tx, ctx, {
      action: 'stop.noted',
      subject: { type: 'stop', id },
      detail: { text },
    });
  });
}
