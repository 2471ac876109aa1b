import { and, eq, sql } from 'drizzle-orm';
import { memberships } from '#db/schema/tenancy.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { isId, uuidOf } from '#server/kernel/ids.ts';
import { noSuchPerson } from './change-roles.ts';
import { requireAnotherAdmin } from './last-admin.ts';
import { requirePermission } from './require-permission.ts';

/**
 * Removes a person from this tenant, effective at their next call. Who is then in no tenant at all
 * is signed out everywhere; who is in another stays signed in there, which is not ours to end.
 * @throws AppError `forbidden`, `not_found`, `conflict` for the last administrator.
 */
export async function removePerson(ctx: Ctx, userId: string): Promise<void> {
  requirePermission(ctx, 'people.write');
  if (!isId('user', userId)) throw noSuchPerson();
  await withTransaction(ctx, async (tx) => {
    await requireAnotherAdmin(tx, ctx, userId);
    const removed = await tx
      .delete(memberships)
      .where(and(eq(memberships.tenantId, ctx.tenantId), eq(memberships.userId, userId)))
      .returning({ roles: memberships.roles });
    const [before] = removed;
    if (!before) throw noSuchPerson();
    await tx.execute(sql`
      select auth_end_sign_ins_of(${uuidOf(userId)}, null)
      where not exists (select 1 from auth_memberships(${uuidOf(userId)}))`);
    await writeAudit(tx, ctx, {
      action: 'person.removed',
      subject: { type: 'person', id: userId },
      detail: { roles: before.roles },
    });
  });
}
