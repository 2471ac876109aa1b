import type { Tx } from '#db/client.ts';
import { tools } from '#db/schema/agents.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';
import { commonTools } from './common-tools.ts';

/**
 * Puts the common tools into a tenant's table, inside the transaction that creates the tenant
 * (auth/create-tenant.ts takes it as a seeder). A tool that is there already is left as it is.
 * @throws AppError `forbidden`.
 */
export async function seedTools(tx: Tx, ctx: Ctx): Promise<void> {
  requirePermission(ctx, 'tools.write');
  const made = await tx
    .insert(tools)
    .values(
      commonTools.map(({ loadBearingFields, ...common }) => ({
        ...common,
        tenantId: ctx.tenantId,
        id: newId('tool'),
        loadBearingFields: loadBearingFields === null ? null : [...loadBearingFields],
        origin: 'seeded' as const,
      })),
    )
    .onConflictDoNothing({ target: [tools.tenantId, tools.name] })
    .returning({ name: tools.name });
  await writeAudit(tx, ctx, {
    action: 'tool.added',
    subject: { type: 'tools', id: 'seeded' },
    detail: { count: made.length, names: made.map((row) => row.name) },
  });
}
