import { sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import { AppError } from '#server/kernel/errors.ts';
import { sha256 } from '#server/kernel/hash.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * What failures are counted on: by hash, in Postgres, shared by all processes. A subject waits when
 * it has failed `limits.signInFailuresMax` times within `limits.signInWindowMinutes`.
 */
export type ThrottleSubject = Buffer & { readonly __subject: true };

const subject = (kind: string, ...parts: readonly string[]) =>
  sha256([kind, ...parts].join('\u001f')) as ThrottleSubject;

/** Failures of one e-mail from anywhere that its person has not signed in from. */
export const emailSubject = (email: string) => subject('email', email);
/** Failures of one e-mail from an address its person works from: strangers cannot use it up. */
export const emailAtAddressSubject = (email: string, address: string) =>
  subject('email-at', email, address);
/** Failures of one address whatever the e-mail. */
export const addressSubject = (address: string) => subject('address', address);
/** Wrong guesses at the current password by a person already signed in. */
export const passwordSubject = (userId: string) => subject('password', userId);

/**
 * Counts an attempt as a failure of each subject before the password is checked: a hundred guesses
 * at once are a hundred failures, whichever process they reach. What turns out right is taken back.
 * @throws AppError `rate_limited`, with the seconds to wait.
 */
export async function claimAttempt(db: Db, of: readonly ThrottleSubject[]): Promise<void> {
  await requireUnblocked(db, of);
  const counts = await Promise.all(
    of.map(async (one) => {
      const [row] = await db.execute<{ failures: number }>(
        sql`select auth_record_failure(${one}, ${limits.signInWindowMinutes}) as failures`,
      );
      return row?.failures ?? Number.POSITIVE_INFINITY;
    }),
  );
  if (counts.some((count) => count > limits.signInFailuresMax)) await requireUnblocked(db, of);
}

/** Takes back failures that were none; null takes back all of the subject. */
export async function takeBackFailures(
  db: Db,
  of: ThrottleSubject,
  count: number | null,
): Promise<void> {
  await db.execute(sql`select auth_clear_failures(${of}, ${count}::integer)`);
}

async function requireUnblocked(db: Db, of: readonly ThrottleSubject[]): Promise<void> {
  const [row] = await db.execute<{ until: string | null; seconds: number | null }>(sql`
    select b.until, ceil(extract(epoch from b.until - now()))::integer as seconds
    from auth_blocked_until(
      array[${sql.join(
        of.map((one) => sql`${one}`),
        sql`, `,
      )}]::bytea[],
      ${limits.signInFailuresMax}, ${limits.signInWindowMinutes}) as b (until)`);
  if (row?.until === null || row?.until === undefined) return;
  throw new AppError(
    'rate_limited',
    `Too many failed attempts; try again in ${Math.ceil((row.seconds ?? 60) / 60)} min.`,
    {
      retryAfterSeconds: row.seconds ?? 60,
      extras: { until: instantFromDriver(row.until) },
    },
  );
}
