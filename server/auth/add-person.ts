import { and, count, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { memberships } from '#db/schema/tenancy.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { AddPersonInput } from './contract.ts';
import { hashPassword } from './password.ts';
import { requirePermission } from './require-permission.ts';

/**
 * Adds a person to the tenant. Only the command line may add somebody who has an account through
 * another tenant: an administrator who could would either learn that person's name, or first make
 * accounts with known passwords and wait for other tenants to trust them.
 * @returns `isNewAccount` false: the person keeps the name and password they had.
 * @throws AppError `forbidden`, `conflict`, `unprocessable` when the tenant has `limits.peopleMax`.
 */
export async function addPerson(
  ctx: Ctx,
  input: AddPersonInput,
): Promise<{ userId: string; isNewAccount: boolean }> {
  requirePermission(ctx, 'people.write');
  // Hashed before the transaction opens: readers of the log wait for open transactions.
  const passwordHash = await hashPassword(input.password);
  return withTransaction(ctx, async (tx) => {
    const [account] = await tx.execute<{ user_id: string; is_new: boolean }>(sql`
      select * from auth_create_user(
        ${uuidOf(newId('user'))}, ${input.email}, ${input.name}, ${passwordHash})`);
    if (!account) throw new AppError('internal', 'auth_create_user answered nothing');
    const userId = idOf('user', account.user_id);
    const isNewAccount = account.is_new;
    const present = await tx
      .select({ userId: memberships.userId })
      .from(memberships)
      .where(and(eq(memberships.tenantId, ctx.tenantId), eq(memberships.userId, userId)));
    if (present.length > 0) {
      throw new AppError('conflict', `${input.email} is in this tenant already; change the roles.`);
    }
    if (!isNewAccount && ctx.actor.type !== 'cli') {
      throw new AppError(
        'conflict',
        'This e-mail cannot be added from here; ask whoever runs this Signalbox to use `signalbox user create`.',
      );
    }
    await requireRoom(tx, ctx);
    await tx.insert(memberships).values({ tenantId: ctx.tenantId, userId, roles: input.roles });
    await writeAudit(tx, ctx, {
      action: 'person.added',
      subject: { type: 'person', id: userId },
      detail: { email: input.email, roles: input.roles },
    });
    return { userId, isNewAccount };
  });
}

async function requireRoom(tx: Tx, ctx: Ctx): Promise<void> {
  const [total] = await tx
    .select({ people: count() })
    .from(memberships)
    .where(eq(memberships.tenantId, ctx.tenantId));
  if ((total?.people ?? 0) >= limits.peopleMax) {
    throw new AppError('unprocessable', `A tenant has ${limits.peopleMax} people at most.`);
  }
}
