import type { z } from 'zod';
import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { ruleProposals, rules, ruleVersions } from '#db/schema/detection.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { findBroken } from '#server/detection/describe-counting.ts';
import type { proposalInputSchema } from '#server/detection/contract.ts';
import { checkAmongOthers } from '#server/detection/internal/check-among-others.ts';
import { readTexts } from '#server/detection/internal/read-running.ts';
import { lockProposal } from '#server/detection/internal/lock-proposal.ts';
import { readRuleText } from '#server/detection/internal/read-rule-text.ts';
import { readApproval } from '#server/detection/internal/read-rule-approval.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { type JoinableText, withText } from '#server/detection/join-rules.ts';

/**
 * Takes over a proposed text and switches the rule on: the detector has it in its next batch. By
 * somebody else than its author; where nobody else could, by the author, which is kept and said. The
 * tests are run again here: what is approved is what they passed on. @throws AppError `forbidden`,
 * `not_found`, `self_approval`; `conflict` for another version than the one that was seen, and where
 * rules that run count what the text no longer has;
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
    const [missing] = (await checkAmongOthers(tx, ctx, proposal.source)).missing;
    if (missing !== undefined) throw new AppError('unprocessable', missing);
    const { slug, ...text } = readRuleText(proposal.source);
    await refuseToBreak(tx, ctx, { name: slug, source: proposal.source });
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

/** A name that rules which run count is not taken away from them: they would see nothing any more. */
async function refuseToBreak(
  tx: Tx,
  ctx: Ctx,
  text: Pick<JoinableText, 'name' | 'source'>,
): Promise<void> {
  const before = await readTexts(tx, ctx);
  const after = withText(before, text);
  const [broken] = findBroken(before, after.texts, after.ruleId);
  if (broken === undefined) return;
  throw new AppError(
    'conflict',
    `“${broken.title}” counts this rule and would not run any more: ${broken.fault}`,
  );
}
