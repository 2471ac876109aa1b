import type { z } from 'zod';
import { and, eq, sql } from 'drizzle-orm';
import { ruleProposals } from '#db/schema/detection.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { shadowRuleInputSchema } from '#server/detection/contract.ts';
import { compileAsRun } from '#server/detection/internal/read-running.ts';
import { lockProposal } from '#server/detection/internal/lock-proposal.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';

/**
 * Runs a proposed text beside the rules that alert, or ends that: it is matched against everything
 * that comes in, and what it would have opened is logged; nobody is told. Nobody has to approve it,
 * because nothing follows from it. @throws AppError `forbidden`, `not_found`, `unprocessable` for a
 * filter or for what counts rules that are not there, `conflict` for another version than the one that waits
 */
export async function shadowRule(
  ctx: Ctx,
  { id, version, isOn }: z.output<typeof shadowRuleInputSchema>,
): Promise<{ isChanged: boolean }> {
  requirePermission(ctx, 'rules.write');
  return withTransaction(ctx, async (tx) => {
    const { rule, proposal } = await lockProposal(tx, ctx, id, version);
    if (rule.kind === 'filter') {
      throw new AppError('unprocessable', 'A filter opens no alerts, so there is nothing to note.');
    }
    if (isOn) {
      const compiled = await compileAsRun(tx, ctx, { name: rule.slug, source: proposal.source });
      const [problem] = compiled.ok ? [] : compiled.problems;
      if (problem !== undefined) throw new AppError('unprocessable', problem.message);
    }
    const state = isOn ? 'shadow' : 'draft';
    if (proposal.state === state) return { isChanged: false };
    await tx
      .update(ruleProposals)
      .set({ state, shadowSince: isOn ? sql`now()` : null })
      .where(and(eq(ruleProposals.tenantId, ctx.tenantId), eq(ruleProposals.ruleId, id)));
    await writeAudit(tx, ctx, {
      action: isOn ? 'rule.shadowed' : 'rule.unshadowed',
      subject: { type: 'rule', id },
      detail: { rule: rule.slug, version },
    });
    return { isChanged: true };
  });
}
