import type { z } from 'zod';
import { eq, sql } from 'drizzle-orm';
import { ruleProposals, rules } from '#db/schema/detection.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { createRuleInputSchema } from '#server/detection/contract.ts';
import { readRuleText } from '#server/detection/internal/read-rule-text.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * Adds a rule of the tenant's own as a draft: the detector does not run it before somebody else has
 * approved it. A shipped rule is changed by a copy of it under another name. @throws AppError
 * `forbidden`; `unprocessable` for a text that does not compile; `conflict` for a name that is taken
 */
export async function createRule(
  ctx: Ctx,
  { source }: z.output<typeof createRuleInputSchema>,
): Promise<{ id: string }> {
  requirePermission(ctx, 'rules.write');
  const text = readRuleText(source);
  const id = newId('rule');
  const author = actorIdentity(ctx.actor);
  await withTransaction(ctx, async (tx) => {
    const [held] = await tx
      .select({ count: sql<number>`count(*)::int` })
      .from(rules)
      .where(eq(rules.tenantId, ctx.tenantId));
    if ((held?.count ?? 0) >= limits.rulesMax) {
      throw new AppError('conflict', `A tenant has at most ${limits.rulesMax} rules.`);
    }
    const added = await tx
      .insert(rules)
      .values({ tenantId: ctx.tenantId, id, state: 'draft', origin: 'custom', ...text })
      .onConflictDoNothing({ target: [rules.tenantId, rules.slug] })
      .returning({ id: rules.id });
    if (added.length === 0) {
      throw new AppError(
        'conflict',
        `There is a rule named ${text.slug} already; choose another name.`,
      );
    }
    await tx.insert(ruleProposals).values({
      tenantId: ctx.tenantId,
      ruleId: id,
      version: 1,
      source,
      state: 'draft',
      authorId: author.id,
      authorLabel: author.label,
    });
    await writeAudit(tx, ctx, {
      action: 'rule.proposed',
      subject: { type: 'rule', id },
      detail: { rule: text.slug, version: 1 },
    });
  });
  return { id };
}
