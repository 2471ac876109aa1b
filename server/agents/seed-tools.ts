import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { tools } from '#db/schema/agents.ts';
import { auditLog } from '#db/schema/audit.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';
import { commonTools } from './common-tools.ts';

/**
 * Puts the common tools that a tenant lacks into its table, inside the transaction that creates or
 * upgrades the tenant (auth/create-tenant.ts takes it as a seeder). A tool that is there is left as
 * it is, whoever wrote it; one that somebody took out stays out. Safe to run again and by several
 * processes at once. @throws AppError `forbidden`.
 */
export async function seedTools(tx: Tx, ctx: Ctx): Promise<void> {
  requirePermission(ctx, 'tools.write');
  const held = await tx
    .select({ name: tools.name })
    .from(tools)
    .where(eq(tools.tenantId, ctx.tenantId));
  const heldNames = new Set(held.map((tool) => tool.name));
  const lacking = commonTools.filter((tool) => !heldNames.has(tool.name));
  if (lacking.length === 0) return;
  const removed = await removedNames(tx, ctx);
  const wanted = lacking.filter((tool) => !removed.has(tool.name));
  if (wanted.length === 0) return;
  const made = await tx
    .insert(tools)
    .values(
      wanted.map(({ loadBearingFields, ...common }) => ({
        ...common,
        tenantId: ctx.tenantId,
        id: newId('tool'),
        loadBearingFields: loadBearingFields === null ? null : [...loadBearingFields],
        origin: 'seeded' as const,
      })),
    )
    .onConflictDoNothing({ target: [tools.tenantId, tools.name] })
    .returning({ name: tools.name });
  if (made.length === 0) return;
  await writeAudit(tx, ctx, {
    action: 'tool.added',
    subject: { type: 'tools', id: 'seeded' },
    detail: { count: made.length, names: made.map((row) => row.name) },
  });
}

/** Names that people took out of the table: the log is the only one that remembers them. */
async function removedNames(tx: Tx, ctx: Ctx): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectDistinct({ name: sql<string>`${auditLog.detail}->>'name'` })
    .from(auditLog)
    .where(
      and(
        eq(auditLog.tenantId, ctx.tenantId),
        eq(auditLog.subjectType, 'tool'),
        eq(auditLog.action, 'tool.removed'),
      ),
    );
  return new Set(rows.map((row) => row.name));
}
