import { sql } from 'drizzle-orm';
import type { Db, Tx } from '#db/client.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import type { Actor, Ctx, Membership } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { emailSchema, typedPasswordSchema } from './contract.ts';
import { verifyPassword } from './password.ts';
import { readMemberships } from './read-sign-in.ts';
import {
  addressSubject,
  claimAttempt,
  emailAtAddressSubject,
  emailSubject,
  takeBackFailures,
} from './throttle.ts';

/** A knock at the door, as it came: nothing of it is believed. */
export interface SignInAttempt {
  readonly email: string;
  readonly password: string;
  /** Of the browser, as far as the proxies in front are trusted. */
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

export interface OpenedSignIn {
  readonly signInId: string;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
}

type Account = Readonly<{
  user_id: string;
  email: string;
  name: string;
  password_hash: string;
  knows_address: boolean;
}>;

/**
 * Opens a sign-in for the right password. An unknown e-mail, a wrong password and a person of no
 * tenant get the same answer after the same work. The sign-in and its audit row in each tenant of
 * the person are one transaction; so are the rows of a refusal.
 * @throws AppError `unauthenticated`, or `rate_limited` with the seconds to wait.
 */
export async function openSignIn(db: Db, attempt: SignInAttempt): Promise<OpenedSignIn> {
  const email = emailSchema.safeParse(attempt.email);
  const password = typedPasswordSchema.safeParse(attempt.password);
  if (!email.success || !password.success) throw refusal();
  const address = attempt.address.slice(0, limits.addressCharsMax);

  const [account] = await db.execute<Account>(
    sql`select * from auth_find_user(${email.data}, ${address})`,
  );
  const byEmail =
    account?.knows_address === true
      ? emailAtAddressSubject(email.data, address)
      : emailSubject(email.data);
  const byAddress = addressSubject(address);
  await claimAttempt(db, [byEmail, byAddress]);

  const isRight = await verifyPassword(account?.password_hash ?? null, password.data);
  // Asked for on every path, so that all of them make the same number of trips.
  const tenants = await readMemberships(
    db,
    account ? idOf('user', account.user_id) : newId('user'),
  );
  if (!account || !isRight || tenants.length === 0) {
    await recordRefusal(db, { ...attempt, address, email: email.data }, tenants, account ?? null);
    throw refusal();
  }
  const opened = await recordSignIn(db, { ...attempt, address }, account, tenants);
  await Promise.all([takeBackFailures(db, byEmail, null), takeBackFailures(db, byAddress, 1)]);
  return opened;
}

function refusal(): AppError {
  return new AppError('unauthenticated', 'The e-mail or the password is wrong.');
}

async function recordSignIn(
  db: Db,
  attempt: SignInAttempt,
  account: Account,
  tenants: readonly Membership[],
): Promise<OpenedSignIn> {
  const signInId = newId('signIn');
  const userId = idOf('user', account.user_id);
  await db.transaction(async (tx) => {
    await tx.execute(sql`select auth_open_sign_in(${uuidOf(signInId)}, ${account.user_id},
      ${limits.signInHoursMax}, ${attempt.address},
      ${attempt.userAgent.slice(0, limits.userAgentCharsMax)})`);
    for (const tenant of tenants) {
      const actor: Actor = {
        type: 'person',
        userId,
        email: account.email,
        roles: tenant.roles,
        signInId,
      };
      await writeInTenant(
        tx,
        { db, actor, requestId: attempt.requestId, tenantId: tenant.tenantId },
        {
          action: 'sign_in.opened',
          subject: { type: 'sign_in', id: signInId },
          detail: { address: attempt.address },
        },
      );
    }
  });
  return { signInId, userId, email: account.email, name: account.name };
}

/** A transaction on every path, an empty one for an e-mail that nobody has. */
async function recordRefusal(
  db: Db,
  attempt: SignInAttempt,
  tenants: readonly Membership[],
  account: Account | null,
): Promise<void> {
  const actor: Actor = { type: 'anonymous', address: attempt.address };
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_current_xact_id_if_assigned()`);
    for (const { tenantId } of tenants) {
      await writeInTenant(
        tx,
        { db, actor, requestId: attempt.requestId, tenantId },
        {
          action: 'sign_in.refused',
          subject: { type: 'person', id: account ? idOf('user', account.user_id) : 'none' },
          decision: 'deny',
          cause: 'wrong password',
          detail: { email: attempt.email, address: attempt.address },
        },
      );
    }
  });
}

/** Writes one audit row under its tenant: a sign-in belongs to several, a transaction to one at a time. */
async function writeInTenant(
  tx: Tx,
  ctx: Ctx,
  entry: Parameters<typeof writeAudit>[2],
): Promise<void> {
  await tx.execute(sql`select set_config('app.tenant', ${uuidOf(ctx.tenantId)}, true)`);
  await writeAudit(tx, ctx, entry);
}
