import { and, eq } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { ruleProposals, rules } from '#db/schema/detection.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';

/**
 * A rule and the change of it that waits, both locked, in the order in which everybody locks them.
 * @throws AppError `not_found`
 */
export async function lockRule(tx: Tx, ctx: Ctx, id: string) {
  const [rule] = isId('rule', id)
    ? await tx
        .select()
        .from(rules)
        .where(and(eq(rules.tenantId, ctx.tenantId), eq(rules.id, id)))
        .for('update')
    : [];
  if (!rule) throw new AppError('not_found', 'There is no such rule in this tenant.');
  const [proposal] = await tx
    .select()
    .from(ruleProposals)
    .where(and(eq(ruleProposals.tenantId, ctx.tenantId), eq(ruleProposals.ruleId, id)))
    .for('update');
  return { rule, proposal: proposal ?? null };
}

/** The same, of the version that the person has seen. @throws AppError `not_found`, `conflict` */
export async function lockProposal(tx: Tx, ctx: Ctx, id: string, version: number) {
  const { rule, proposal } = await lockRule(tx, ctx, id);
  if (proposal === null) throw new AppError('conflict', 'No change of this rule waits any more.');
  if (proposal.version !== version) {
    throw new AppError('conflict', 'The text has changed since; load it again.', {
      extras: { version: proposal.version },
    });
  }
  return { rule, proposal };
}
