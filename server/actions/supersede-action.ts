import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { noteChange } from '#server/live/note-change.ts';
import { lockAction, readActionRecord } from './read-action-record.ts';

/**
 * Marks an earlier action of the same agent as replaced, in the transaction of its successor's
 * decision: whatever was granted for it is not redeemed any more.
 * @throws AppError `unprocessable` when it is no action of this agent, `conflict` when it has run.
 */
export async function supersedeAction(
  tx: Tx,
  ctx: Ctx,
  earlierId: string,
  successor: { readonly id: string; readonly agent: { readonly id: string } },
): Promise<void> {
  const isThere = earlierId !== successor.id && (await lockAction(tx, ctx, earlierId));
  const earlier = isThere ? await readActionRecord(tx, ctx, earlierId) : null;
  if (earlier === null || earlier.agentId !== successor.agent.id) {
    throw new AppError('unprocessable', 'The action to supersede is none of this agent’s.');
  }
  if (earlier.redeemedAtMs !== null) {
    throw new AppError('conflict', 'The action to supersede was redeemed already.');
  }
  if (earlier.isSuperseded || earlier.isCancelled || earlier.decision === 'deny') return;
  const tenantId = uuidOf(ctx.tenantId);
  await tx.execute(sql`update actions set superseded_by = ${uuidOf(successor.id)}::uuid
    where tenant_id = ${tenantId}::uuid and id = ${uuidOf(earlierId)}::uuid
      and superseded_by is null and cancelled_at is null`);
  await tx.execute(sql`update approvals set result = 'superseded', resolved_at = clock_timestamp()
    where tenant_id = ${tenantId}::uuid and action_id = ${uuidOf(earlierId)}::uuid
      and result = 'pending'`);
  await writeAudit(tx, ctx, {
    action: 'action.superseded',
    subject: { type: 'action', id: earlierId },
    detail: { by: successor.id },
  });
  if (earlier.approvalId === null) return;
  await noteChange(tx, ctx, {
    noun: 'action',
    subjectId: earlierId,
    change: 'superseded',
    agentId: earlier.agentId,
  });
}
