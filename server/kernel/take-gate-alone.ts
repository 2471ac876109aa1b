import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { Ctx } from './context.ts';
import { limits } from './limits.ts';

/** The name of a tenant's gate among the advisory locks; hashed where it is taken. */
export const gateName = (ctx: Ctx): string => `gate:${ctx.tenantId}`;

/**
 * Waits until everything that went through the tenant's gate before is over, and holds it alone until
 * the end of the transaction: what is asked meanwhile waits, and reads what this transaction commits.
 * A lock on the row in question would not do: those who share it overtake whoever waits for it alone,
 * so an agent that keeps asking could put off its own end.
 *
 * Taken before any row that somebody behind the gate could hold, or the two wait for each other.
 * @throws a database error when it is not had within `limits.drainWaitMs`
 */
export async function takeGateAlone(tx: Tx, ctx: Ctx): Promise<void> {
  await tx.execute(sql`select
    set_config('lock_timeout', ${String(limits.drainWaitMs)}, true),
    pg_advisory_xact_lock(hashtextextended(${gateName(ctx)}::text, 0))`);
}
