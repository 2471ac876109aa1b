import type { z } from 'zod';
import { and, eq, sql } from 'drizzle-orm';
import { ruleProposals, rules, ruleVersions } from '#db/schema/detection.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { checkRuleSource } from '#server/detection/check-rule-source.ts';
import type { proposalInputSchema } from '#server/detection/contract.ts';
import { lockProposal } from '#server/detection/internal/lock-proposal.ts';
import { readRuleText } from '#server/detection/internal/read-rule-text.ts';
import { readApproval } from '#server/detection/internal/read-rule-approval.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';

/**
 * Takes over a proposed text and switches the rule on: the detector has it in its next batch. By
 * somebody else than its author; where nobody else could, by the author, which is kept and said. The
 * tests are run again here: what is approved is what they passed on. @throws AppError `forbidden`,
 * `not_found`, `self_approval`; `conflict` for another version than the one that was seen;
 * `unprocessable` for a text that lacks something
 */
export async function approveRule(
  ctx: Ctx,
  { id, version }: z.output<typeof proposalInputSchema>,
): Promise<void> {
  requirePermission(ctx, 'rules.enable');
  const approver = actorIdentity(ctx.actor);
  await withTransaction(ctx, async (tx) => {
    const { rule, proposal } = await lockProposal(tx, ctx, id, version);
    const { refusal, isAlone } = await readApproval(tx, ctx, proposal.authorId);
    if (refusal !== null) throw new AppError('self_approval', refusal);
    const [missing] = checkRuleSource(proposal.source).missing;
    if (missing !== undefined) throw new AppError('unprocessable', missing);
    const { slug, ...text } = readRuleText(proposal.source);
    await tx
      .update(rules)
      .set({ ...text, version, state: 'enabled', updatedAt: sql`now()` })
      .where(and(eq(rules.tenantId, ctx.tenantId), eq(rules.id, id)));
    await tx.insert(ruleVersions).values({
      tenantId: ctx.tenantId,
      ruleId: id,
      version,
      source: proposal.source,
      authorLabel: proposal.authorLabel,
      approvedByLabel: approver.label,
      isAlone,
    });
    await tx
      .delete(ruleProposals)
      .where(and(eq(ruleProposals.tenantId, ctx.tenantId), eq(ruleProposals.ruleId, id)));
    await writeAudit(tx, ctx, {
      action: 'rule.approved',
      subject: { type: 'rule', id },
      detail: {
        rule: slug,
        version,
        author: proposal.authorLabel,
        alone: isAlone,
        was: rule.state,
      },
    });
  });
}
