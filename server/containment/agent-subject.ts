import { and, eq } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { agents } from '#db/schema/agents.ts';
import type { GateSubject } from '#server/gate/contract.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';

/**
 * The agent of the context's key as something that a stop may cover, with its environment as it is now.
 * Without session and tool: those stops are told with each call. @throws AppError `forbidden`
 */
export async function agentSubject(tx: Tx, ctx: Ctx): Promise<GateSubject> {
  const agent = ctx.actor.type === 'key' ? ctx.actor.agent : null;
  if (agent === null) throw new AppError('forbidden', 'Use the key of an agent here.');
  const [row] = await tx
    .select({ environment: agents.environment })
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenantId), eq(agents.id, agent.id)));
  if (!row) throw new AppError('forbidden', 'The agent of this key is not registered any more.');
  return { agentId: agent.id, environment: row.environment, sessionId: null, tool: null };
}
