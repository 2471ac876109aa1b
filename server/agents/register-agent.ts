import { and, count, eq, inArray } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { AgentState } from '#db/enums.ts';
import { agents } from '#db/schema/agents.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { agentSlugSchema } from './contract.ts';

export interface RegisteredAgent {
  readonly id: string;
  readonly slug: string;
  readonly state: AgentState;
  readonly isNew: boolean;
}

/**
 * Registers one agent, or finds it. `cause` goes into the audit row.
 * @throws AppError `forbidden`, `unprocessable` for a bad slug or a full tenant.
 */
export async function registerAgent(
  ctx: Ctx,
  slug: string,
  cause = 'none',
): Promise<RegisteredAgent> {
  requirePermission(ctx, 'agents.register');
  const [agent] = await withTransaction(ctx, (tx) => registerAgentsIn(tx, ctx, [slug], cause));
  if (!agent) throw new AppError('internal', 'registering an agent gave none');
  return agent;
}

/**
 * Registers the agents of these slugs that are not there yet, inside the caller's transaction, each
 * with its audit row (`writeAudit`); in the order of the slugs. Telemetry that names an agent first
 * registers it.
 * @throws AppError `forbidden`, `unprocessable` for a bad slug or a full tenant.
 */
export async function registerAgentsIn(
  tx: Tx,
  ctx: Ctx,
  slugs: readonly string[],
  cause = 'none',
): Promise<RegisteredAgent[]> {
  requirePermission(ctx, 'agents.register');
  const wrong = slugs.find((slug) => !agentSlugSchema.safeParse(slug).success);
  if (wrong !== undefined) {
    throw new AppError('unprocessable', 'An agent’s slug must match [a-z0-9][a-z0-9._/-]{0,127}.');
  }
  // Sorted, so that two transactions that register the same agents never wait in a circle.
  const wanted = [...new Set(slugs)].sort();
  if (wanted.length === 0) return [];
  const known = await findBySlug(tx, ctx, wanted);
  await requireRoomFor(tx, ctx, wanted.length - known.length);
  const made = await tx
    .insert(agents)
    .values(wanted.map((slug) => ({ tenantId: ctx.tenantId, id: newId('agent'), slug })))
    .onConflictDoNothing({ target: [agents.tenantId, agents.slug] })
    .returning({ id: agents.id, slug: agents.slug });
  for (const agent of made) {
    await writeAudit(tx, ctx, {
      action: 'agent.registered',
      subject: { type: 'agent', id: agent.id },
      cause,
      detail: { slug: agent.slug },
    });
  }
  const isNew = new Set(made.map((agent) => agent.id));
  // Read again: whoever lost a race finds the winner's row.
  const found = await findBySlug(tx, ctx, wanted);
  const bySlug = new Map(found.map((agent) => [agent.slug, agent]));
  return slugs.flatMap((slug) => {
    const agent = bySlug.get(slug);
    return agent ? [{ ...agent, isNew: isNew.has(agent.id) }] : [];
  });
}

function findBySlug(tx: Tx, ctx: Ctx, slugs: readonly string[]) {
  return tx
    .select({ id: agents.id, slug: agents.slug, state: agents.state })
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenantId), inArray(agents.slug, [...slugs])));
}

/**
 * Telemetry registers agents by naming them, so their number is bounded; two at once may pass the
 * bound by as many as they are.
 */
async function requireRoomFor(tx: Tx, ctx: Ctx, more: number): Promise<void> {
  if (more <= 0) return;
  const [total] = await tx
    .select({ agents: count() })
    .from(agents)
    .where(eq(agents.tenantId, ctx.tenantId));
  if ((total?.agents ?? 0) + more > limits.agentsPerTenantMax) {
    throw new AppError(
      'unprocessable',
      `A tenant has ${limits.agentsPerTenantMax} agents at most; use an existing name.`,
    );
  }
}
