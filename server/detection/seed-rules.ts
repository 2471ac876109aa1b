import { and, eq, ne, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { rules } from '#db/schema/detection.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { labelsOf } from '#server/detection/taxonomies.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';

/** The columns of a rule that this build ships; the rest belongs to the tenant. */
function shippedRule(source: string) {
  const compiled = compileSource(source);
  if (!compiled.ok) throw new Error(`a shipped rule does not compile: ${source.slice(0, 80)}`);
  const { key: slug, title, severity, tags } = compiled.main;
  return { slug, title, severity, source, labels: labelsOf(tags) };
}

/**
 * Gives a tenant the rules that are shipped: those it lacks are added enabled, those whose source
 * has changed since get the new one under the next version and keep the state people chose. A rule
 * of the tenant's own under a shipped name stays. Safe to run again and by several processes at
 * once: each change is conditional on what it replaces. Runs in the transaction of whoever creates
 * or upgrades the tenant. @throws AppError `forbidden`.
 */
export async function seedRules(tx: Tx, ctx: Ctx): Promise<void> {
  requirePermission(ctx, 'tenants.create');
  const held = await tx
    .select({ source: rules.source })
    .from(rules)
    .where(and(eq(rules.tenantId, ctx.tenantId), eq(rules.origin, 'shipped')));
  const heldSources = new Set(held.map((rule) => rule.source));
  const seeded: string[] = [];
  for (const source of defaultRules) {
    if (heldSources.has(source)) continue;
    const shipped = shippedRule(source);
    if (await putRule(tx, ctx, shipped)) seeded.push(shipped.slug);
  }
  if (seeded.length === 0) return;
  await writeAudit(tx, ctx, {
    action: 'rule.seeded',
    subject: { type: 'tenant', id: ctx.tenantId },
    detail: { rules: seeded },
  });
}

/** Adds a shipped rule or brings it to its new source; false when neither was to be done. */
async function putRule(
  tx: Tx,
  ctx: Ctx,
  shipped: ReturnType<typeof shippedRule>,
): Promise<boolean> {
  const { slug, ...shown } = shipped;
  const added = await tx
    .insert(rules)
    .values({
      tenantId: ctx.tenantId,
      id: newId('rule'),
      slug,
      state: 'enabled',
      origin: 'shipped',
      ...shown,
    })
    .onConflictDoNothing({ target: [rules.tenantId, rules.slug] })
    .returning({ id: rules.id });
  if (added.length > 0) return true;
  const changed = await tx
    .update(rules)
    .set({
      ...shown,
      version: sql`${rules.lastVersion} + 1`,
      lastVersion: sql`${rules.lastVersion} + 1`,
      updatedAt: sql`now()`,
    })
    .where(
      and(
        eq(rules.tenantId, ctx.tenantId),
        eq(rules.slug, slug),
        eq(rules.origin, 'shipped'),
        ne(rules.source, shown.source),
      ),
    )
    .returning({ id: rules.id });
  return changed.length > 0;
}
