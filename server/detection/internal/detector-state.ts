import { and, eq, inArray, or, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { detectorState } from '#db/schema/detection.ts';
import type { Ctx } from '#server/kernel/context.ts';

/** Where a piece of the detector's memory lies. */
export interface StateKey {
  readonly scope: string;
  readonly key: string;
}

export interface StateRow extends StateKey {
  readonly state: unknown;
}

/** Rows of one statement: far below the driver's 65,534 parameters. */
const chunkRows = 1000;

/** The rows that exist among those asked for. */
export async function readStates(
  tx: Tx,
  ctx: Ctx,
  wanted: readonly StateKey[],
): Promise<StateRow[]> {
  const found: StateRow[] = [];
  for (let start = 0; start < wanted.length; start += chunkRows) {
    const byScope = Map.groupBy(wanted.slice(start, start + chunkRows), (item) => item.scope);
    const places = [...byScope].map(([scope, items]) =>
      and(
        eq(detectorState.scope, scope),
        inArray(
          detectorState.key,
          items.map((item) => item.key),
        ),
      ),
    );
    const rows = await tx
      .select({
        scope: detectorState.scope,
        key: detectorState.key,
        state: detectorState.state,
      })
      .from(detectorState)
      .where(and(eq(detectorState.tenantId, ctx.tenantId), or(...places)));
    found.push(...rows);
  }
  return found;
}

/** Writes rows over whatever was there; each key at most once. */
export async function writeStates(tx: Tx, ctx: Ctx, rows: readonly StateRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += chunkRows) {
    await tx
      .insert(detectorState)
      .values(
        rows.slice(start, start + chunkRows).map(({ scope, key, state }) => ({
          tenantId: ctx.tenantId,
          scope,
          key,
          state,
        })),
      )
      .onConflictDoUpdate({
        target: [detectorState.tenantId, detectorState.scope, detectorState.key],
        set: { state: sql`excluded.state`, updatedAt: sql`now()` },
      });
  }
}
