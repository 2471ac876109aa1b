import { and, eq, inArray, or, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { detectorState } from '#db/schema/detection.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { joinJson, jsonSeparator, plainArray, textArray } from '#server/telemetry/array-literal.ts';

/** Where a piece of the detector's memory lies. */
export interface StateKey {
  readonly scope: string;
  readonly key: string;
}

/** One row of a piece; most pieces have but one, part 0. */
export interface StatePart extends StateKey {
  readonly part: number;
}

export interface StateRow extends StatePart {
  readonly state: unknown;
}

/** Rows of one statement: far below the driver's 65,534 parameters. */
const chunkRows = 1000;

/** The rows that exist of the pieces asked for. */
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
        part: detectorState.part,
        state: detectorState.state,
      })
      .from(detectorState)
      .where(and(eq(detectorState.tenantId, ctx.tenantId), or(...places)));
    for (const row of rows) found.push(row);
  }
  return found;
}

/** Writes rows over whatever was there; each part at most once. */
export async function writeStates(tx: Tx, ctx: Ctx, rows: readonly StateRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into detector_state (tenant_id, scope, key, part, state)
    select ${uuidOf(ctx.tenantId)}::uuid, w.scope, w.key, w.part, w.state::jsonb
    from rows from (
      unnest(
        ${textArray(rows.map((row) => row.scope))}::text[],
        ${textArray(rows.map((row) => row.key))}::text[],
        ${plainArray(rows.map((row) => row.part))}::int[]
      ),
      string_to_table(${joinJson(rows.map((row) => JSON.stringify(row.state)))}::text, ${jsonSeparator}::text)
    ) as w (scope, key, part, state)
    on conflict (tenant_id, scope, key, part)
    do update set state = excluded.state, updated_at = now()`);
}

/** Deletes single parts. */
export async function deleteParts(tx: Tx, ctx: Ctx, parts: readonly StatePart[]): Promise<void> {
  if (parts.length === 0) return;
  await tx.execute(sql`
    delete from detector_state d
    using unnest(
      ${textArray(parts.map((row) => row.scope))}::text[],
      ${textArray(parts.map((row) => row.key))}::text[],
      ${plainArray(parts.map((row) => row.part))}::int[]
    ) as g (scope, key, part)
    where d.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and d.scope = g.scope and d.key = g.key
      and d.part = g.part`);
}
