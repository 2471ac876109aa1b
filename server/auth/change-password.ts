import { sql } from 'drizzle-orm';
import { writeAudit } from '#server/audit/write-audit.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, uuidOf } from '#server/kernel/ids.ts';
import { noSuchPerson } from './change-roles.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { requirePermission } from './require-permission.ts';
import { claimAttempt, passwordSubject, takeBackFailures } from './throttle.ts';

/**
 * Changes the acting person's own password and ends their other sign-ins: whoever stole one loses
 * it. Wrong guesses at the current one are throttled like sign-ins.
 * @throws AppError `forbidden`, `unprocessable` when the current password is wrong, `rate_limited`.
 */
export async function changePassword(
  ctx: Ctx,
  input: { readonly currentPassword: string; readonly newPassword: string },
): Promise<void> {
  requirePermission(ctx, 'sign_in.own');
  const { actor } = ctx;
  if (actor.type !== 'person') throw new AppError('forbidden', 'Only a person has a password.');
  const subject = passwordSubject(actor.userId);
  await claimAttempt(ctx.db, [subject]);
  const [row] = await ctx.db.execute<{ stored: string | null }>(
    sql`select auth_find_password(${uuidOf(actor.userId)}) as stored`,
  );
  if (!(await verifyPassword(row?.stored ?? null, input.currentPassword))) {
    throw new AppError('unprocessable', 'The current password is wrong; nothing was changed.');
  }
  await takeBackFailures(ctx.db, subject, null);
  await storePassword(ctx, actor.userId, input.newPassword, actor.signInId);
}

/**
 * Sets a person's password without the old one: only for the host's administrator, because a
 * tenant's could take over an account that other tenants trust. Ends all of the person's sign-ins.
 * @throws AppError `forbidden`, `not_found`.
 */
export async function resetPassword(ctx: Ctx, userId: string, newPassword: string): Promise<void> {
  requirePermission(ctx, 'people.write');
  if (ctx.actor.type !== 'cli') {
    throw new AppError('forbidden', 'Only the command line may set the password of somebody else.');
  }
  if (!isId('user', userId)) throw noSuchPerson();
  await storePassword(ctx, userId, newPassword, null);
}

async function storePassword(
  ctx: Ctx,
  userId: string,
  newPassword: string,
  keptSignInId: string | null,
): Promise<void> {
  const passwordHash = await hashPassword(newPassword);
  await withTransaction(ctx, async (tx) => {
    const [set] = await tx.execute<{ is_changed: boolean }>(sql`
      select auth_set_password(${uuidOf(userId)}, ${passwordHash}) as is_changed`);
    if (!set?.is_changed) throw noSuchPerson();
    await tx.execute(sql`select auth_end_sign_ins_of(
      ${uuidOf(userId)}, ${keptSignInId === null ? null : uuidOf(keptSignInId)}::uuid)`);
    await writeAudit(tx, ctx, {
      action: 'person.password_changed',
      subject: { type: 'person', id: userId },
    });
  });
}
