import { requirePermission } from '#server/auth/require-permission.ts';
import { checkAmongOthers } from '#server/detection/internal/check-among-others.ts';
import type { RuleCheck } from '#server/detection/contract.ts';
import { readReach } from '#server/detection/internal/read-filter-reach.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';

/**
 * What is right and wrong with the text of a rule, its tests run, or of filters, with the rules of
 * the tenant that they would be put on; nothing is kept. @throws AppError `forbidden`
 */
export async function checkRule(ctx: Ctx, source: string): Promise<RuleCheck> {
  requirePermission(ctx, 'rules.write');
  const check = await withRead(ctx, (tx) => checkAmongOthers(tx, ctx, source));
  if (check.rule?.kind !== 'filter') return { ...check, reach: null };
  // No row's id: it stands beside whatever runs under its name.
  const text = { ruleId: 'checked', name: check.rule.name, source };
  return { ...check, reach: await withRead(ctx, (tx) => readReach(tx, ctx, text)) };
}
