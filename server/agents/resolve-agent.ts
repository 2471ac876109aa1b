import { and, eq } from 'drizzle-orm';
import { agents } from '#db/schema/agents.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, type TenantId } from '#server/kernel/ids.ts';
import { registerAgent } from './register-agent.ts';

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
  return registerAgent(ctx, slugOrId, 'first named by telemetry');
}
