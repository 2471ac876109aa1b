import { and, eq } from 'drizzle-orm';
import { falseBlocks } from '#db/schema/actions.ts';
import { type HoldTools, redactText } from '#server/approvals/hold-tools.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { agentOf } from '#server/auth/requesting-agent.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import type { FalseBlockAnswer, FalseBlockInput } from './contract.ts';
import { lockAction, readActionRecord } from './read-action-record.ts';
import { noSuchAction, viewAction } from './read-action.ts';

/**
 * An agent says that a denial of its action was wrong. It changes nothing of the denial and gives no right
 * to run: people see it as an alert, in the agent's own unverified words, redacted. The first word counts.
 * @throws AppError `forbidden`, `not_found`, `conflict` for an action that was not denied.
 */
export async function reportFalseBlock(
  ctx: Ctx,
  tools: HoldTools,
  actionId: string,
  input: FalseBlockInput,
): Promise<FalseBlockAnswer> {
  requirePermission(ctx, 'actions.ask');
  const { agent } = agentOf(ctx);
  const reason = (await redactText(ctx, tools, input.reason)) ?? '[could not be inspected]';
  return withTransaction(ctx, async (tx) => {
    const isThere = await lockAction(tx, ctx, actionId);
    const record = isThere ? await readActionRecord(tx, ctx, actionId) : null;
    if (record === null || record.agentId !== agent.id) throw noSuchAction();
    const mine = and(eq(falseBlocks.tenantId, ctx.tenantId), eq(falseBlocks.actionId, actionId));
    const [earlier] = await tx.select({ at: falseBlocks.at }).from(falseBlocks).where(mine);
    if (earlier !== undefined) return { actionId, reportedAt: earlier.at, changed: false };
    const { derived } = await viewAction(tx, ctx, record);
    if (derived.state !== 'denied') {
      throw new AppError('conflict', `This action was not denied; it is ${derived.state}.`);
    }
    const [made] = await tx
      .insert(falseBlocks)
      .values({ tenantId: ctx.tenantId, actionId, reason })
      .returning({ at: falseBlocks.at });
    await writeAudit(tx, ctx, {
      action: 'action.false_block_reported',
      subject: { type: 'action', id: actionId },
      detail: { tool: record.tool },
    });
    return { actionId, reportedAt: made?.at ?? '', changed: true };
  });
}
