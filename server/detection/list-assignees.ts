import { and, asc, eq, isNull } from 'drizzle-orm';
import { roles as allRoles } from '#db/enums.ts';
import { memberships, users } from '#db/schema/tenancy.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Assignee } from '#server/detection/contract.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import { rolesAllow } from '#server/kernel/permissions.ts';

/** Whether somebody of these roles may work on alerts; a role we do not know allows nothing. */
export function mayTriage(held: readonly string[]): boolean {
  return rolesAllow(
    allRoles.filter((role) => held.includes(role)),
    'alerts.triage',
  );
}

/** Members whom alerts can be given to, by e-mail. @throws AppError `forbidden` */
export async function listAssignees(ctx: Ctx): Promise<Assignee[]> {
  requirePermission(ctx, 'alerts.triage');
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({
        id: memberships.userId,
        name: users.name,
        email: users.email,
        roles: memberships.roles,
      })
      .from(memberships)
      .innerJoin(users, eq(users.id, memberships.userId))
      .where(and(eq(memberships.tenantId, ctx.tenantId), isNull(users.disabledAt)))
      .orderBy(asc(users.email))
      .limit(limits.peopleMax),
  );
  return rows.flatMap(({ roles, ...person }) => (mayTriage(roles) ? [person] : []));
}
