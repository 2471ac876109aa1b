import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { memberships, users } from '#db/schema/tenancy.ts';
import { actorIdentity } from '#server/audit/write-audit.ts';
import { actorMay } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { permissions } from '#server/kernel/permissions.ts';

/** Whether whoever asks may approve what this author wrote. */
export interface RuleApproval {
  /** One sentence; null when they may. */
  readonly refusal: string | null;
  /** They are the author, and nobody else could. */
  readonly isAlone: boolean;
}

/**
 * Changed by one, approved by another. Whether there is another is read now, from the members that
 * are not disabled: a team of one is not locked out of its own rules, and a second administrator
 * ends that at once.
 */
export async function readApproval(tx: Tx, ctx: Ctx, authorId: string): Promise<RuleApproval> {
  if (!actorMay(ctx.actor, 'rules.enable')) {
    return { refusal: 'Only an administrator approves rules.', isAlone: false };
  }
  if (actorIdentity(ctx.actor).id !== authorId) return { refusal: null, isAlone: false };
  const others = await tx
    .select({ userId: memberships.userId })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(
      and(
        eq(memberships.tenantId, ctx.tenantId),
        isNull(users.disabledAt),
        ctx.actor.type === 'person'
          ? sql`${memberships.userId} <> ${uuidOf(ctx.actor.userId)}::uuid`
          : undefined,
        sql`${memberships.roles} && ${sql.param([...permissions['rules.enable'].roles])}::text[]`,
      ),
    )
    .limit(limits.peopleMax);
  if (others.length === 0) return { refusal: null, isAlone: true };
  return {
    refusal: 'You wrote this text: another administrator has to approve it.',
    isAlone: false,
  };
}
