import { and, eq } from 'drizzle-orm';
import { tools } from '#db/schema/agents.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { isId } from '#server/kernel/ids.ts';
import { noSuchTool } from './change-tool.ts';

/**
 * Takes a tool out of the table: from then on it is unknown, which is the worst of each fact.
 * @throws AppError `forbidden`, `not_found`.
 */
export async function removeTool(ctx: Ctx, toolId: string): Promise<void> {
  requirePermission(ctx, 'tools.write');
  if (!isId('tool', toolId)) throw noSuchTool();
  await withTransaction(ctx, async (tx) => {
    const [removed] = await tx
      .delete(tools)
      .where(and(eq(tools.tenantId, ctx.tenantId), eq(tools.id, toolId)))
      .returning({ name: tools.name });
    if (!removed) throw noSuchTool();
    await writeAudit(tx, ctx, {
      action: 'tool.removed',
      subject: { type: 'tool', id: toolId },
      detail: removed,
    });
  });
}
