import { and, asc, eq } from 'drizzle-orm';
import { rules } from '#db/schema/detection.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { joinPack } from '#server/detection/split-pack.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * The texts of rules as one pack, by name, with their tests: the tenant's own or all of them. Of a
 * rule whose change waits, what runs. @throws AppError `forbidden`
 */
export async function exportPack(ctx: Ctx, isWithShipped: boolean): Promise<string> {
  requirePermission(ctx, 'rules.read');
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({ name: rules.slug, source: rules.source })
      .from(rules)
      .where(
        and(
          eq(rules.tenantId, ctx.tenantId),
          isWithShipped ? undefined : eq(rules.origin, 'custom'),
        ),
      )
      .orderBy(asc(rules.slug))
      .limit(limits.rulesMax),
  );
  return joinPack(rows);
}
