import { and, eq, ne, sql } from 'drizzle-orm';
import type { RuleState } from '#db/enums.ts';
import type { Tx } from '#db/client.ts';
import { rules } from '#db/schema/detection.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';

/**
 * Sets a rule's state; answers its name, or null when it was so before (nothing to audit).
 * @throws AppError `not_found`, `conflict` for a rule that nobody has approved yet
 */
export async function switchRule(
  tx: Tx,
  ctx: Ctx,
  id: string,
  to: RuleState,
): Promise<string | null> {
  const ours = and(eq(rules.tenantId, ctx.tenantId), eq(rules.id, id));
  const [known] = isId('rule', id)
    ? await tx.select({ slug: rules.slug, state: rules.state }).from(rules).where(ours)
    : [];
  if (!known) throw new AppError('not_found', 'There is no such rule in this tenant.');
  if (known.state === 'draft') {
    throw new AppError('conflict', 'This rule was never approved: approve its text first.');
  }
  const changed = await tx
    .update(rules)
    .set({ state: to, updatedAt: sql`now()` })
    .where(and(ours, ne(rules.state, to)))
    .returning({ id: rules.id });
  return changed.length > 0 ? known.slug : null;
}
