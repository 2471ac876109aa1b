import { sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import type { SignedInPerson } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, uuidOf } from '#server/kernel/ids.ts';

/**
 * Ends one sign-in of the person who asks, here or on another machine; its cookie is worth nothing
 * at the next call. Audited in each tenant of the person, in the same transaction. Needs no
 * permission: everyone may leave.
 * @throws AppError `not_found` for a sign-in that is ended already or somebody else's.
 */
export async function endSignIn(
  db: Db,
  person: SignedInPerson,
  signInId: string,
  requestId: string,
): Promise<void> {
  if (!isId('signIn', signInId)) throw noSuchSignIn();
  await db.transaction(async (tx) => {
    const [row] = await tx.execute<{ is_ended: boolean }>(
      sql`select auth_end_sign_in(${uuidOf(signInId)}, ${uuidOf(person.userId)}) as is_ended`,
    );
    if (row?.is_ended !== true) throw noSuchSignIn();
    for (const { tenantId, roles } of person.tenants) {
      const { userId, email } = person;
      await tx.execute(sql`select set_config('app.tenant', ${uuidOf(tenantId)}, true)`);
      await writeAudit(
        tx,
        {
          db,
          tenantId,
          requestId,
          actor: { type: 'person', userId, email, roles, signInId: person.signInId },
        },
        { action: 'sign_in.ended', subject: { type: 'sign_in', id: signInId } },
      );
    }
  });
}

function noSuchSignIn(): AppError {
  return new AppError('not_found', 'There is no such open sign-in of yours.');
}
