import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { switchRule } from '#server/detection/internal/switch-rule.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';

/** Switches a rule on: the detector takes it into its next batch. Earlier events are not looked at. @throws AppError `forbidden`, `not_found` */
export async function enableRule(ctx: Ctx, id: string): Promise<{ isChanged: boolean }> {
  requirePermission(ctx, 'rules.enable');
  return withTransaction(ctx, async (tx) => {
    const rule = await switchRule(tx, ctx, id, 'enabled');
    if (rule === null) return { isChanged: false };
    await writeAudit(tx, ctx, {
      action: 'rule.enabled',
      subject: { type: 'rule', id },
      detail: { rule },
    });
    return { isChanged: true };
  });
}
