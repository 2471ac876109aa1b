import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { memberships, users } from '#db/schema/tenancy.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';

/**
 * Refuses to go on when `userId` is the tenant's last person able to administer it. Locks the
 * memberships of all administrators, always in the same order, so that two at once who would each
 * remove the other wait for one another, and the second sees what the first left.
 * @throws AppError `conflict`.
 */
export async function requireAnotherAdmin(tx: Tx, ctx: Ctx, userId: string): Promise<void> {
  const isAdmin = and(
    eq(memberships.tenantId, ctx.tenantId),
    sql`'admin' = any (${memberships.roles})`,
  );
  await tx
    .select({ userId: memberships.userId })
    .from(memberships)
    .where(isAdmin)
    .orderBy(memberships.userId)
    .for('update');
  // A new statement: it sees what the holders of those locks committed.
  const able = await tx
    .select({ userId: memberships.userId })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(isAdmin, isNull(users.disabledAt)));
  const isOneOfThem = able.some((admin) => admin.userId === userId);
  if (isOneOfThem && able.length === 1) {
    throw new AppError(
      'conflict',
      'This is the last administrator of the tenant; make somebody else one first.',
    );
  }
}
