import { and, eq, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { StopScopeKind } from '#db/enums.ts';
import { stopReceipts } from '#db/schema/containment.ts';
import { stops } from '#db/schema/gate.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { agentSubject } from '#server/containment/agent-subject.ts';
import type { GateSubject } from '#server/gate/contract.ts';
import { isInTree } from '#server/gate/tree-members.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, uuidOf } from '#server/kernel/ids.ts';
import { noteChange } from '#server/live/note-change.ts';
import type { ackInput } from './contract.ts';

/**
 * An instance answers a stop that covers it. What it says is kept as its word; the ladder weighs it
 * against what is known. @throws AppError `forbidden`, `not_found` for a stop that does not cover it
 */
export async function answerStop(ctx: Ctx, answer: z.output<typeof ackInput>): Promise<void> {
  requirePermission(ctx, 'control.follow');
  await withTransaction(ctx, async (tx) => {
    const subject = await agentSubject(tx, ctx);
    const [stop] = isId('stop', answer.stopId)
      ? await tx
          .select({
            kind: stops.scopeKind,
            id: stops.scopeId,
            isInTree: sql<boolean>`coalesce(${isInTree({
              tenant: sql`${stops.tenantId}`,
              agent: sql`${uuidOf(subject.agentId)}::uuid`,
              root: sql`${stops.treeRootId}`,
              until: sql`${stops.liftedAt}`,
            })}, false)`,
          })
          .from(stops)
          .where(and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, answer.stopId)))
      : [];
    if (!stop || !isCovered(stop, subject)) {
      throw new AppError('not_found', 'No stop of this id covers this agent.');
    }
    const said = {
      state: answer.state,
      inFlight: answer.inFlight ?? null,
      acknowledgedAt: sql`clock_timestamp()`,
      updatedAt: sql`clock_timestamp()`,
    };
    await tx
      .insert(stopReceipts)
      .values({
        tenantId: ctx.tenantId,
        stopId: answer.stopId,
        agentId: subject.agentId,
        instanceId: answer.instanceId,
        ...said,
      })
      .onConflictDoUpdate({
        target: [
          stopReceipts.tenantId,
          stopReceipts.stopId,
          stopReceipts.agentId,
          stopReceipts.instanceId,
        ],
        set: {
          ...said,
          acknowledgedAt: sql`coalesce(${stopReceipts.acknowledgedAt}, clock_timestamp())`,
        },
      });
    await writeAudit(tx, ctx, {
      action: 'stop.answered',
      subject: { type: 'stop', id: answer.stopId },
      detail: {
        instanceId: answer.instanceId,
        state: answer.state,
        inFlight: answer.inFlight ?? null,
      },
    });
    await noteChange(tx, ctx, {
      noun: 'stop',
      subjectId: answer.stopId,
      change: 'answered',
      agentId: subject.agentId,
    });
  });
}

/** Sessions and tools belong to no agent alone, so any agent of the tenant may answer those. */
function isCovered(
  stop: { kind: StopScopeKind; id: string; isInTree: boolean },
  subject: GateSubject,
): boolean {
  if (stop.kind === 'tree') return stop.isInTree;
  if (stop.kind === 'agent') return stop.id === subject.agentId;
  if (stop.kind === 'environment') return stop.id === subject.environment;
  return true;
}
