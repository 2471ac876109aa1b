import type { z } from 'zod';
import { and, eq, sql } from 'drizzle-orm';
import { ruleProposals, rules } from '#db/schema/detection.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { proposeRuleInputSchema } from '#server/detection/contract.ts';
import { lockRule } from '#server/detection/internal/lock-proposal.ts';
import { readRuleText } from '#server/detection/internal/read-rule-text.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';

/**
 * Saves a change of a custom rule: what runs stays as it is until the change is approved. Each save
 * has a version of its own and is a draft again, whoever wrote the one before. @throws AppError
 * `forbidden`, `not_found`; `unprocessable` for a text that does not compile or is of another name;
 * `conflict` for a shipped rule, and when somebody else has saved meanwhile
 */
export async function proposeRule(
  ctx: Ctx,
  { id, source, basedOn }: z.output<typeof proposeRuleInputSchema>,
): Promise<{ version: number }> {
  requirePermission(ctx, 'rules.write');
  const author = actorIdentity(ctx.actor);
  return withTransaction(ctx, async (tx) => {
    const { rule, proposal } = await lockRule(tx, ctx, id);
    const latest = proposal?.version ?? rule.version;
    if (basedOn !== null && basedOn !== latest) {
      throw new AppError('conflict', 'Somebody has saved another text meanwhile; load it again.', {
        extras: { version: latest },
      });
    }
    if (rule.origin === 'shipped') {
      throw new AppError(
        'conflict',
        'A shipped rule is changed by a copy: the next release may change it.',
      );
    }
    const { slug, ...text } = readRuleText(source);
    if (slug !== rule.slug) {
      throw new AppError(
        'unprocessable',
        `The name of this rule stays ${rule.slug}; copy it for another.`,
      );
    }
    if (text.kind !== rule.kind) {
      throw new AppError('unprocessable', `This stays a ${rule.kind}; save the text as a new one.`);
    }
    const version = rule.lastVersion + 1;
    const saved = {
      version,
      source,
      state: 'draft' as const,
      authorId: author.id,
      authorLabel: author.label,
      editedAt: sql`now()`,
      shadowSince: null,
    };
    await tx
      .insert(ruleProposals)
      .values({ tenantId: ctx.tenantId, ruleId: id, ...saved })
      .onConflictDoUpdate({
        target: [ruleProposals.tenantId, ruleProposals.ruleId],
        set: saved,
      });
    await tx
      .update(rules)
      .set({
        lastVersion: version,
        updatedAt: sql`now()`,
        // Of a rule that never ran, lists show the latest text.
        ...(rule.state === 'draft' ? { ...text, version } : {}),
      })
      .where(and(eq(rules.tenantId, ctx.tenantId), eq(rules.id, id)));
    await writeAudit(tx, ctx, {
      action: 'rule.proposed',
      subject: { type: 'rule', id },
      detail: { rule: slug, version },
    });
    return { version };
  });
}
