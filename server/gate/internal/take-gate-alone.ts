import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import { gateKey } from '../with-gate.ts';

/**
 * Waits until everything that went through the gate before is over, and holds it alone until the end of
 * the transaction. @throws a database error when it is not had within `limits.drainWaitMs`
 */
export async function takeGateAlone(tx: Tx, ctx: Ctx): Promise<void> {
  await tx.execute(sql`select
    set_config('lock_timeout', ${String(limits.drainWaitMs)}, true),
    pg_advisory_xact_lock(${gateKey(ctx)})`);
}
