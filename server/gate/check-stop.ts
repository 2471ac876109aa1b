import { and, eq } from 'drizzle-orm';
import type { z } from 'zod';
import { stopChecks, stops } from '#db/schema/gate.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId } from '#server/kernel/ids.ts';
import { noteChange } from '#server/live/note-change.ts';
import type { checkStopInput } from './contract.ts';

/**
 * Keeps that somebody has looked at a point before a stop is lifted, or takes it back: a row each time,
 * the last one counts. It is a person's word and opens nothing; whoever lifts sees what is missing.
 * @throws AppError `forbidden`, `not_found`
 */
export async function checkStop(ctx: Ctx, said: z.output<typeof checkStopInput>): Promise<void> {
  requirePermission(ctx, 'stops.place');
  await withTransaction(ctx, async (tx) => {
    const [stop] = isId('stop', said.id)
      ? await tx
          .select({ id: stops.id })
          .from(stops)
          .where(and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, said.id)))
      : [];
    if (!stop) throw new AppError('not_found', 'There is no such stop in this tenant.');
    const actor = actorIdentity(ctx.actor);
    const { point, isDone } = said;
    await tx.insert(stopChecks).values({
      tenantId: ctx.tenantId,
      id: newId('check'),
      stopId: stop.id,
      point,
      isDone,
      actorType: ctx.actor.type,
      actorId: actor.id,
      actorLabel: actor.label,
    });
    await writeAudit(tx, ctx, {
      action: 'stop.checked',
      subject: { type: 'stop', id: stop.id },
      detail: { point, isDone },
    });
    await noteChange(tx, ctx, {
      noun: 'stop',
      subjectId: stop.id,
      change: 'checked',
      agentId: null,
    });
  });
}
