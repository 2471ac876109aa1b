import { and, eq } from 'drizzle-orm';
import type { Role } from '#db/enums.ts';
import { memberships } from '#db/schema/tenancy.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { requireAnotherAdmin } from './last-admin.ts';
import { requirePermission } from './require-permission.ts';

/**
 * Gives a person other roles in this tenant, effective at that person's next call.
 * @throws AppError `forbidden`, `not_found`, `conflict` when it would leave no administrator.
 */
export async function changeRoles(
  ctx: Ctx,
  input: { readonly userId: string; readonly roles: readonly Role[] },
): Promise<void> {
  requirePermission(ctx, 'people.write');
  if (!isId('user', input.userId)) throw noSuchPerson();
  await withTransaction(ctx, async (tx) => {
    if (!input.roles.includes('admin')) await requireAnotherAdmin(tx, ctx, input.userId);
    const mine = and(eq(memberships.tenantId, ctx.tenantId), eq(memberships.userId, input.userId));
    const [before] = await tx
      .select({ roles: memberships.roles })
      .from(memberships)
      .where(mine)
      .for('update');
    if (!before) throw noSuchPerson();
    await tx
      .update(memberships)
      .set({ roles: [...input.roles] })
      .where(mine);
    await writeAudit(tx, ctx, {
      action: 'person.roles_changed',
      subject: { type: 'person', id: input.userId },
      detail: { from: before.roles, to: input.roles },
    });
  });
}

export function noSuchPerson(): AppError {
  return new AppError('not_found', 'There is no such person in this tenant.');
}
