import { and, eq, sql } from 'drizzle-orm';
import { tools } from '#db/schema/agents.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { readArgumentSchema } from './argument-schema.ts';
import type { ToolInput } from './contract.ts';

/**
 * Changes what the table says of a tool; its name stays, because the name is what agents call.
 * @throws AppError `forbidden`, `not_found`, `unprocessable` for a schema that is none.
 */
export async function changeTool(
  ctx: Ctx,
  toolId: string,
  input: Omit<ToolInput, 'name'>,
): Promise<void> {
  requirePermission(ctx, 'tools.write');
  if (!isId('tool', toolId)) throw noSuchTool();
  const { argumentSchema, ...facts } = input;
  const schema = argumentSchema === null ? null : readArgumentSchema(argumentSchema);
  await withTransaction(ctx, async (tx) => {
    const mine = and(eq(tools.tenantId, ctx.tenantId), eq(tools.id, toolId));
    const [before] = await tx
      .select({
        name: tools.name,
        description: tools.description,
        reversibility: tools.reversibility,
        sensitivity: tools.sensitivity,
        blastRadius: tools.blastRadius,
        effectClass: tools.effectClass,
        loadBearingFields: tools.loadBearingFields,
        argumentSchema: sql<string | null>`${tools.schema}::text`,
        isGoverned: tools.isGoverned,
      })
      .from(tools)
      .where(mine)
      .for('update');
    if (!before) throw noSuchTool();
    await tx
      .update(tools)
      .set({ ...facts, schema, updatedAt: sql`now()` })
      .where(mine);
    const { name, ...from } = before;
    await writeAudit(tx, ctx, {
      action: 'tool.changed',
      subject: { type: 'tool', id: toolId },
      detail: { name, from, to: input },
    });
  });
}

export function noSuchTool(): AppError {
  return new AppError('not_found', 'There is no such tool in this tenant’s table.');
}
