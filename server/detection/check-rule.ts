import { requirePermission } from '#server/auth/require-permission.ts';
import { checkRuleSource } from '#server/detection/check-rule-source.ts';
import type { RuleCheck } from '#server/detection/contract.ts';
import type { Ctx } from '#server/kernel/context.ts';

/** What is right and wrong with a rule's text, its tests run; nothing is kept. @throws AppError `forbidden` */
export function checkRule(ctx: Ctx, source: string): RuleCheck {
  requirePermission(ctx, 'rules.write');
  return checkRuleSource(source);
}
