import { count, eq } from 'drizzle-orm';
import { tools } from '#db/schema/agents.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { readArgumentSchema } from './argument-schema.ts';
import type { ToolInput } from './contract.ts';

/**
 * Describes a tool that was unknown till now.
 * @throws AppError `forbidden`, `conflict` for a name that is described already, `unprocessable`
 *   when the table is full or the schema of its arguments is none.
 */
export async function addTool(ctx: Ctx, input: ToolInput): Promise<{ id: string }> {
  requirePermission(ctx, 'tools.write');
  const { argumentSchema, ...facts } = input;
  const schema = argumentSchema === null ? null : readArgumentSchema(argumentSchema);
  const id = newId('tool');
  await withTransaction(ctx, async (tx) => {
    const [total] = await tx
      .select({ tools: count() })
      .from(tools)
      .where(eq(tools.tenantId, ctx.tenantId));
    if ((total?.tools ?? 0) >= limits.toolsMax) {
      throw new AppError('unprocessable', `The table holds ${limits.toolsMax} tools at most.`);
    }
    const made = await tx
      .insert(tools)
      .values({ ...facts, schema, tenantId: ctx.tenantId, id, origin: 'custom' })
      .onConflictDoNothing({ target: [tools.tenantId, tools.name] })
      .returning({ id: tools.id });
    if (made.length === 0) {
      throw new AppError('conflict', `${input.name} is in the table already; change it there.`);
    }
    await writeAudit(tx, ctx, {
      action: 'tool.added',
      subject: { type: 'tool', id },
      detail: { ...input },
    });
  });
  return { id };
}
