import { sql } from 'drizzle-orm';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { verifyPassword } from './password.ts';
import { requirePermission } from './require-permission.ts';
import { claimAttempt, passwordSubject, takeBackFailures } from './throttle.ts';

/**
 * Whether the acting person knows their password at this moment: for what a sign-in that lies open
 * may not do. Wrong guesses are throttled like sign-ins. Costs what a sign-in costs, so it is never
 * asked inside a transaction.
 * @throws AppError `forbidden`, `unprocessable` when it is wrong, `rate_limited`.
 */
export async function confirmPassword(ctx: Ctx, password: string): Promise<void> {
  requirePermission(ctx, 'sign_in.own');
  const { actor } = ctx;
  if (actor.type !== 'person') throw new AppError('forbidden', 'Only a person has a password.');
  const subject = passwordSubject(actor.userId);
  await claimAttempt(ctx.db, [subject]);
  const [row] = await ctx.db.execute<{ stored: string | null }>(
    sql`select auth_find_password(${uuidOf(actor.userId)}) as stored`,
  );
  if (!(await verifyPassword(row?.stored ?? null, password))) {
    throw new AppError('unprocessable', 'The password is wrong; nothing was decided.');
  }
  await takeBackFailures(ctx.db, subject, null);
}
