import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { ControlNoun } from '#db/enums.ts';
import { controlChanges } from '#db/schema/gate.ts';
import type { Ctx } from '#server/kernel/context.ts';

/** A change of what somebody waits for. */
export interface ControlChange {
  readonly noun: ControlNoun;
  /** TypeID of what changed. */
  readonly subjectId: string;
  /** A past participle: `requested`, `voted`, `approved`, `denied`, `placed`, `lifted`, … */
  readonly change: string;
  /** The agent that it concerns; null for all of the tenant. */
  readonly agentId: string | null;
}

/**
 * Notes a change inside its own transaction; at the commit every process is told (`notify`). For rare
 * changes only: nothing that happens with each allowed action or event.
 */
export function noteChange(tx: Tx, ctx: Ctx, change: ControlChange): Promise<void> {
  return noteChanges(tx, ctx, [change]);
}

/** The same for many at once, in one statement. */
export async function noteChanges(
  tx: Tx,
  ctx: Ctx,
  changes: readonly ControlChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.insert(controlChanges).values(
    changes.map((change) => ({
      tenantId: ctx.tenantId,
      incarnation: sql`(select incarnation from log_incarnation)`,
      ...change,
    })),
  );
}
