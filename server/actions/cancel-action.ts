import { sql } from 'drizzle-orm';
import { writeAudit } from '#server/audit/write-audit.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { noteChange } from '#server/live/note-change.ts';
import type { ActionAnswer } from './contract.ts';
import { lockAction, readActionRecord } from './read-action-record.ts';
import { noSuchAction, presentView, viewAction } from './read-action.ts';
import { agentOf } from '#server/auth/requesting-agent.ts';

/**
 * An agent takes back what it asked for: a request closes, a permit that was granted is not redeemed
 * any more. Taking it back twice changes nothing; what was denied, replaced or over stays so.
 * @throws AppError `forbidden`, `not_found`, `conflict` once it was redeemed.
 */
export async function cancelAction(ctx: Ctx, tools: HoldTools, id: string): Promise<ActionAnswer> {
  requirePermission(ctx, 'actions.ask');
  const { agent } = agentOf(ctx);
  const view = await withTransaction(ctx, async (tx) => {
    await lockAction(tx, ctx, id);
    const record = await readActionRecord(tx, ctx, id);
    if (record === null || record.agentId !== agent.id) throw noSuchAction();
    const before = await viewAction(tx, ctx, record);
    if (record.redeemedAtMs !== null) {
      throw new AppError('conflict', 'This action was redeemed; it cannot be taken back.');
    }
    const isOpen = ['allowed', 'held', 'frozen', 'approved'].includes(before.derived.state);
    if (!isOpen) return before;
    await tx.execute(sql`update actions set cancelled_at = clock_timestamp()
      where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and id = ${uuidOf(id)}::uuid
        and cancelled_at is null`);
    await tx.execute(sql`update approvals set result = 'cancelled', resolved_at = clock_timestamp()
      where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and action_id = ${uuidOf(id)}::uuid
        and result = 'pending'`);
    await writeAudit(tx, ctx, {
      action: 'action.cancelled',
      subject: { type: 'action', id },
      detail: { tool: record.tool },
    });
    if (record.approvalId !== null) {
      await noteChange(tx, ctx, {
        noun: 'action',
        subjectId: id,
        change: 'cancelled',
        agentId: agent.id,
      });
    }
    const after = await readActionRecord(tx, ctx, id);
    return after === null ? before : viewAction(tx, ctx, after);
  });
  return presentView(ctx, tools, view);
}
