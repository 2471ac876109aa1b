import type { z } from 'zod';
import { and, eq } from 'drizzle-orm';
import { ruleProposals } from '#db/schema/detection.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { proposalInputSchema } from '#server/detection/contract.ts';
import { lockProposal } from '#server/detection/internal/lock-proposal.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';

/**
 * Throws away a change that waits; what runs stays as it is. @throws AppError `forbidden`,
 * `not_found`; `conflict` for another version, or for a rule that has nothing but this text
 */
export async function discardProposal(
  ctx: Ctx,
  { id, version }: z.output<typeof proposalInputSchema>,
): Promise<void> {
  requirePermission(ctx, 'rules.write');
  await withTransaction(ctx, async (tx) => {
    const { rule } = await lockProposal(tx, ctx, id, version);
    if (rule.state === 'draft') {
      throw new AppError('conflict', 'This rule has no other text to go back to.');
    }
    await tx
      .delete(ruleProposals)
      .where(and(eq(ruleProposals.tenantId, ctx.tenantId), eq(ruleProposals.ruleId, id)));
    await writeAudit(tx, ctx, {
      action: 'rule.discarded',
      subject: { type: 'rule', id },
      detail: { rule: rule.slug, version },
    });
  });
}
