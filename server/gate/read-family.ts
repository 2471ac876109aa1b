import { and, eq, min, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { agents } from '#db/schema/agents.ts';
import { spawns } from '#db/schema/gate.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { AgentFamily, AgentRelative } from './contract.ts';
import { resolveScope } from './resolve-scope.ts';
import { anyAncestor } from './tree-members.ts';

/**
 * Who started an agent and whom it started, as telemetry tells, oldest first, at most
 * `limits.pageItemsMax` of each; and how many agents a stop of its tree covers.
 * @throws AppError `forbidden`, `not_found`
 */
export async function readFamily(ctx: Ctx, slugOrId: string): Promise<AgentFamily> {
  requirePermission(ctx, 'agents.read');
  return withRead(ctx, async (tx) => {
    const { id } = await resolveScope(tx, ctx, { kind: 'agent', id: slugOrId });
    const parents = await relativesOf(tx, ctx, 'parentId', eq(spawns.childId, id));
    const children = await relativesOf(tx, ctx, 'childId', eq(spawns.parentId, id));
    const [tree] = await tx.execute<{ below: number; any: boolean }>(sql`
      select (select count(distinct agent_id)::int from agent_ancestors
          where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and agent_id <> ${uuidOf(id)}::uuid
            and ancestor_id in (${uuidOf(id)}::uuid, ${anyAncestor}::uuid)) as below,
        exists (select 1 from agent_ancestors where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
          and agent_id = ${uuidOf(id)}::uuid and ancestor_id = ${anyAncestor}::uuid) as any`);
    if (!tree) throw new AppError('internal', 'the database counted nothing');
    return { parents, children, treeAgents: tree.below + 1, isInEveryTree: tree.any };
  });
}

/** The other side of the spawns that a condition finds; verified when any telling of it was. */
function relativesOf(
  tx: Tx,
  ctx: Ctx,
  side: 'parentId' | 'childId',
  condition: ReturnType<typeof eq>,
): Promise<AgentRelative[]> {
  return tx
    .select({
      id: agents.id,
      slug: agents.slug,
      isVerified: sql<boolean>`bool_or(${spawns.isVerified})`,
      firstAt: sql<string>`min(${spawns.at})`.mapWith(spawns.at),
    })
    .from(spawns)
    .innerJoin(agents, and(eq(agents.tenantId, spawns.tenantId), eq(agents.id, spawns[side])))
    .where(and(eq(spawns.tenantId, ctx.tenantId), condition))
    .groupBy(agents.id, agents.slug)
    .orderBy(min(spawns.at), agents.slug)
    .limit(limits.pageItemsMax);
}
