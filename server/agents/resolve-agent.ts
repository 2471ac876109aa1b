import { and, count, eq } from 'drizzle-orm';
import { agents } from '#db/schema/agents.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId, type TenantId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/** An agent as far as an event needs it. */
export interface AgentName {
  readonly id: string;
  readonly slug: string;
}

/** Finds agents by slug or id and registers those that telemetry names first. */
export interface AgentDirectory {
  /** @throws AppError `not_found` for an unknown id, `unprocessable` when the tenant has too many. */
  readonly resolve: (ctx: Ctx, slugOrId: string) => Promise<AgentName>;
}

/**
 * A directory with memory: agents are never deleted and their slugs never change, so what was found
 * once stays true. Bounded by the number of agents a tenant may have.
 */
export function createAgentDirectory(): AgentDirectory {
  const known = new Map<TenantId, Map<string, AgentName>>();
  return {
    resolve: async (ctx, slugOrId) => {
      const names = known.get(ctx.tenantId) ?? new Map<string, AgentName>();
      known.set(ctx.tenantId, names);
      const found = names.get(slugOrId) ?? (await findOrRegister(ctx, slugOrId));
      names.set(slugOrId, found);
      return found;
    },
  };
}

async function findAgent(ctx: Ctx, slugOrId: string): Promise<AgentName | null> {
  const wanted = isId('agent', slugOrId) ? eq(agents.id, slugOrId) : eq(agents.slug, slugOrId);
  return withRead(ctx, async (tx) => {
    const [row] = await tx
      .select({ id: agents.id, slug: agents.slug })
      .from(agents)
      .where(and(eq(agents.tenantId, ctx.tenantId), wanted));
    return row ?? null;
  });
}

async function findOrRegister(ctx: Ctx, slugOrId: string): Promise<AgentName> {
  const found = await findAgent(ctx, slugOrId);
  if (found) return found;
  if (isId('agent', slugOrId)) {
    throw new AppError(
      'not_found',
      `No agent ${slugOrId} is registered in this tenant; name it by its slug.`,
    );
  }
  return registerNamedAgent(ctx, slugOrId);
}

/**
 * Registers an agent that telemetry names for the first time: no owner, production, active. Safe
 * against a race: whoever loses it finds the winner's row.
 */
export async function registerNamedAgent(ctx: Ctx, slug: string): Promise<AgentName> {
  requirePermission(ctx, 'agents.register');
  return withTransaction(ctx, async (tx) => {
    const [total] = await tx
      .select({ agents: count() })
      .from(agents)
      .where(eq(agents.tenantId, ctx.tenantId));
    if ((total?.agents ?? 0) >= limits.agentsPerTenantMax) {
      throw new AppError(
        'unprocessable',
        `This tenant has ${limits.agentsPerTenantMax} agents, the most it may have; use an existing name.`,
      );
    }
    const [made] = await tx
      .insert(agents)
      .values({ tenantId: ctx.tenantId, id: newId('agent'), slug })
      .onConflictDoNothing()
      .returning({ id: agents.id, slug: agents.slug });
    if (made) {
      await writeAudit(tx, ctx, {
        action: 'agent.registered',
        subject: { type: 'agent', id: made.id },
        detail: { slug, by: 'telemetry' },
      });
      return made;
    }
    const [existing] = await tx
      .select({ id: agents.id, slug: agents.slug })
      .from(agents)
      .where(and(eq(agents.tenantId, ctx.tenantId), eq(agents.slug, slug)));
    if (!existing) throw new AppError('internal', 'The agent could not be registered.');
    return existing;
  });
}
