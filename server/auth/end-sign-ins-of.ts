import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import type { Actor, Ctx } from '#server/kernel/context.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { readMemberships } from './read-sign-in.ts';
import { requirePermission } from './require-permission.ts';

/** As it stands in the log of the person's other tenants, which are told nothing of this one. */
const elsewhere: Actor = { type: 'system', name: 'system:security-events' };

/**
 * Ends every sign-in of a person, in the caller's transaction, because a registered transmitter called
 * their sessions revoked; each cookie is worth nothing at the next call. A sign-in is one for all of a
 * person's tenants, so it ends in all, and each has its audit row.
 * @returns how many were open
 * @throws AppError `forbidden`
 */
export async function endSignInsOf(tx: Tx, ctx: Ctx, userId: string): Promise<number> {
  requirePermission(ctx, 'security_events.apply');
  const user = uuidOf(userId);
  // Those that had run out by themselves are closed with them, and are nothing that was done.
  const open = await tx.execute(
    sql`select 1 from auth_sign_ins_of(${user}, ${limits.signInIdleMinutes})`,
  );
  await tx.execute(sql`select auth_end_sign_ins_of(${user}, null)`);
  if (open.length === 0) return 0;
  const work = (tenantId: TenantId) =>
    tx.execute(sql`select set_config('app.tenant', ${uuidOf(tenantId)}, true)`);
  for (const { tenantId } of await readMemberships(tx, userId)) {
    const actor = tenantId === ctx.tenantId ? ctx.actor : elsewhere;
    await work(tenantId);
    await writeAudit(
      tx,
      { ...ctx, tenantId, actor },
      {
        action: 'sign_in.ended',
        subject: { type: 'person', id: userId },
        cause: 'session_revoked',
        detail: { signIns: open.length },
      },
    );
  }
  await work(ctx.tenantId);
  return open.length;
}
