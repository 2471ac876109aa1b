import { and, eq, inArray, isNull, ne, or, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { DrillTrigger } from '#db/enums.ts';
import { agents } from '#db/schema/agents.ts';
import { drills } from '#db/schema/drills.ts';
import { stops } from '#db/schema/gate.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId } from '#server/kernel/ids.ts';
import { findInstance } from './find-instance.ts';
import { selectPracticeCredentials } from './practice-credentials.ts';

/** Which agent, whether people place the stop, and what is revoked at its provider. */
export interface DrillWish {
  readonly agentId: string;
  readonly isHandsOn: boolean;
  /** One of `selectPracticeCredentials`; null = none. */
  readonly credentialId: string | null;
  readonly trigger: DrillTrigger;
}

/**
 * Begins a drill on an agent that is marked for it; a worker carries it on from here, over the same
 * verbs as in earnest. Any other agent is refused, whoever asks.
 * @throws AppError `forbidden`, `not_found`, `conflict` for a credential that is not for practice, for an agent that is not for drills, that is
 *   disabled or stopped already, that nothing was heard of, or on which a drill runs
 */
export async function startDrill(ctx: Ctx, wish: DrillWish): Promise<string> {
  requirePermission(ctx, 'drills.run');
  if (wish.credentialId !== null) requirePermission(ctx, 'credentials.revoke');
  if (!isId('agent', wish.agentId)) throw noSuchAgent();
  return withTransaction(ctx, async (tx) => {
    await requireDrillAgent(tx, ctx, wish.agentId);
    await requireFree(tx, ctx, wish.agentId);
    if (wish.credentialId !== null) await requirePractice(tx, ctx, wish.agentId, wish.credentialId);
    if ((await findInstance(tx, ctx, wish.agentId)) === null) {
      throw new AppError(
        'conflict',
        'No instance of this agent was heard of within a day, so there is nothing to measure.',
      );
    }
    const id = newId('drill');
    const { label } = actorIdentity(ctx.actor);
    const [made] = await tx
      .insert(drills)
      .values({ tenantId: ctx.tenantId, id, startedBy: label, ...wish })
      .onConflictDoNothing()
      .returning({ id: drills.id });
    if (!made) throw new AppError('conflict', 'A drill runs on this agent already.');
    await writeAudit(tx, ctx, {
      action: 'drill.started',
      subject: { type: 'drill', id },
      detail: { ...wish },
    });
    return id;
  });
}

async function requireDrillAgent(tx: Tx, ctx: Ctx, agentId: string): Promise<void> {
  const [agent] = await tx
    .select({ isDrill: agents.isDrill, state: agents.state })
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenantId), eq(agents.id, agentId)));
  if (!agent) throw noSuchAgent();
  if (!agent.isDrill) {
    throw new AppError('conflict', 'This agent is not marked for drills; mark it first.');
  }
  if (agent.state === 'disabled') throw new AppError('conflict', 'This agent is disabled.');
}

/** A stop that stands already would be measured as this drill's. */
async function requireFree(tx: Tx, ctx: Ctx, agentId: string): Promise<void> {
  const [standing] = await tx
    .select({ id: stops.id })
    .from(stops)
    .where(
      and(
        eq(stops.tenantId, ctx.tenantId),
        inArray(stops.scopeKind, ['agent', 'tree']),
        eq(stops.scopeId, agentId),
        ne(stops.state, 'lifted'),
        or(isNull(stops.liftedAt), sql`${stops.liftedAt} > clock_timestamp()`),
      ),
    );
  if (standing) throw new AppError('conflict', 'A stop of this agent stands; lift it first.');
}

async function requirePractice(
  tx: Tx,
  ctx: Ctx,
  agentId: string,
  credentialId: string,
): Promise<void> {
  const practice = await selectPracticeCredentials(tx, ctx, agentId);
  if (practice.some(({ id }) => id === credentialId)) return;
  throw new AppError(
    'conflict',
    'A drill revokes this credential only if the agent holds it, all its holders are marked for drills, ' +
      'its provider is known, nothing was made from it, and nobody has revoked it yet.',
  );
}

const noSuchAgent = () => new AppError('not_found', 'There is no such agent in this tenant.');
