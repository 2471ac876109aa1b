import { and, eq } from 'drizzle-orm';
import { agents } from '#db/schema/agents.ts';
import { memberships } from '#db/schema/tenancy.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { noteChange } from '#server/live/note-change.ts';
import type { ChangeAgentInput } from './contract.ts';

/**
 * Changes an agent's state, environment, owner or whether it is for drills; what is left out stays. The keys of a disabled
 * agent obtain nothing within `limits.keyVerdictMs`.
 * @throws AppError `forbidden`, `not_found`, `unprocessable` for an owner outside the tenant.
 */
export async function changeAgent(ctx: Ctx, input: ChangeAgentInput): Promise<void> {
  requirePermission(ctx, 'agents.write');
  const { id, ...changes } = input;
  if (!isId('agent', id)) throw noSuchAgent();
  await withTransaction(ctx, async (tx) => {
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
