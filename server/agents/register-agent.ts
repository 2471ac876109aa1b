import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { AgentState } from '#db/enums.ts';
import { agents } from '#db/schema/agents.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { agentSlugSchema } from './contract.ts';

export interface RegisteredAgent {
  readonly id: string;
  readonly slug: string;
  readonly state: AgentState;
  readonly isNew: boolean;
}

/** Registers one agent, or finds it. @throws AppError `forbidden`, `unprocessable` for a bad slug. */
export async function registerAgent(ctx: Ctx, slug: string): Promise<RegisteredAgent> {
  requirePermission(ctx, 'agents.register');
  const [agent] = await withTransaction(ctx, (tx) => registerAgentsIn(tx, ctx, [slug]));
  if (!agent) throw new AppError('internal', 'registering an agent gave none');
  return agent;
}

/**
 * Registers the agents of these slugs that are not there yet, inside the caller's transaction, each
 * with its audit row (`writeAudit`); in the order of the slugs. Telemetry that names an agent first
 * registers it.
 * @throws AppError `forbidden`, `unprocessable` for a bad slug.
 */
export async function registerAgentsIn(
  tx: Tx,
  ctx: Ctx,
  slugs: readonly string[],
): Promise<RegisteredAgent[]> {
  requirePermission(ctx, 'agents.register');
  const wrong = slugs.find((slug) => !agentSlugSchema.safeParse(slug).success);
  if (wrong !== undefined) {
    throw new AppError('unprocessable', 'An agent’s slug must match [a-z0-9][a-z0-9._/-]{0,127}.');
  }
  // Sorted, so that two transactions that register the same agents never wait in a circle.
  const wanted = [...new Set(slugs)].sort();
  if (wanted.length === 0) return [];
  const made = await tx
    .insert(agents)
    .values(wanted.map((slug) => ({ tenantId: ctx.tenantId, id: newId('agent'), slug })))
    .onConflictDoNothing({ target: [agents.tenantId, agents.slug] })
    .returning({ id: agents.id, slug: agents.slug });
  for (const agent of made) {
    await writeAudit(tx, ctx, {
      action: 'agent.registered',
      subject: { type: 'agent', id: agent.id },
      detail: { slug: agent.slug },
    });
  }
  const isNew = new Set(made.map((agent) => agent.id));
  const found = await tx
    .select({ id: agents.id, slug: agents.slug, state: agents.state })
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenantId), inArray(agents.slug, wanted)));
  const bySlug = new Map(found.map((agent) => [agent.slug, agent]));
  return slugs.flatMap((slug) => {
    const agent = bySlug.get(slug);
    return agent ? [{ ...agent, isNew: isNew.has(agent.id) }] : [];
  });
}
