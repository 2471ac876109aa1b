import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { rules } from '#db/schema/detection.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { labelsOf } from '#server/detection/taxonomies.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';

/**
 * Gives a tenant the rules that are shipped: those it lacks are added enabled, those whose source
 * has changed since get the new one under the next version and keep the state people chose. Safe to
 * run again; runs in the transaction of whoever creates or upgrades the tenant.
 */
export async function seedRules(tx: Tx, ctx: Ctx): Promise<void> {
  const seeded: string[] = [];
  for (const source of defaultRules) {
    const compiled = compileSource(source);
    if (!compiled.ok) throw new Error(`a shipped rule does not compile: ${source.slice(0, 80)}`);
    const { key: slug, title, severity, tags } = compiled.main;
    const shown = { title, severity, source, labels: labelsOf(tags) };
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
      .onConflictDoNothing()
      .returning({ id: rules.id });
    const changed = await tx
      .update(rules)
      .set({ ...shown, version: sql`${rules.version} + 1`, updatedAt: sql`now()` })
      .where(
        and(
          eq(rules.tenantId, ctx.tenantId),
          eq(rules.slug, slug),
          eq(rules.origin, 'shipped'),
          sql`${rules.source} <> ${source}`,
        ),
      )
      .returning({ id: rules.id });
    if (added.length + changed.length > 0) seeded.push(slug);
  }
  if (seeded.length === 0) return;
  await writeAudit(tx, ctx, {
    action: 'rule.seeded',
    subject: { type: 'tenant', id: ctx.tenantId },
    detail: { rules: seeded },
  });
}
