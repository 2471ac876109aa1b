import { and, eq } from 'drizzle-orm';
import { agents } from '#db/schema/agents.ts';
import { memberships } from '#db/schema/tenancy.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { takeGateAlone } from '#server/kernel/take-gate-alone.ts';
import { noteChange } from '#server/live/note-change.ts';
import type { ChangeAgentInput } from './contract.ts';

/**
 * Changes an agent's state, environment, owner or whether it is for drills; what is left out stays.
 * Doors refuse the keys of a disabled agent within `limits.keyVerdictMs`; nothing is decided, issued or
 * redeemed for it after the commit. Those read the agent behind the gate without a lock on its row, so
 * that a decision pays nothing for this; the change, which is rare, takes the gate alone instead.
 * @throws AppError `forbidden`, `not_found`, `unprocessable` for an owner outside the tenant.
 */
export async function changeAgent(ctx: Ctx, input: ChangeAgentInput): Promise<void> {
  requirePermission(ctx, 'agents.write');
  const { id, ...changes } = input;
  if (!isId('agent', id)) throw noSuchAgent();
  await withTransaction(ctx, async (tx) => {
    if (changes.state === 'disabled') await takeGateAlone(tx, ctx);
    const mine = and(eq(agents.tenantId, ctx.tenantId), eq(agents.id, id));
    const [before] = await tx
      .select({
        slug: agents.slug,
        state: agents.state,
        isDrill: agents.isDrill,
        environment: agents.environment,
        ownerUserId: agents.ownerUserId,
      })
      .from(agents)
      .where(mine)
      .for('update');
    if (!before) throw noSuchAgent();
    const owner = changes.ownerUserId;
    if (owner !== undefined && owner !== null) {
      const member = isId('user', owner)
        ? await tx
            .select({ userId: memberships.userId })
            .from(memberships)
            .where(and(eq(memberships.tenantId, ctx.tenantId), eq(memberships.userId, owner)))
        : [];
      if (member.length === 0) {
        throw new AppError('unprocessable', 'The owner must be a person of this tenant.');
      }
    }
    await tx.update(agents).set(changes).where(mine);
    const { slug, ...from } = before;
    await writeAudit(tx, ctx, {
      action: 'agent.changed',
      subject: { type: 'agent', id },
      detail: { slug, from, to: changes },
    });
    // Streams of a disabled agent are ended by every process that holds one.
    await noteChange(tx, ctx, { noun: 'agent', subjectId: id, change: 'changed', agentId: id });
  });
}

function noSuchAgent(): AppError {
  return new AppError('not_found', 'There is no such agent in this tenant.');
}
