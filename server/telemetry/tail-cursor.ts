import { sql } from 'drizzle-orm';
import type { Sql } from 'postgres';
import { TypeID } from 'typeid-js';
import type { Tx } from '#db/client.ts';
import { idPrefixes } from '#db/enums.ts';
import { mintTenantId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { type Position, startPosition } from './position.ts';
import { belowHorizon } from './tail-range.ts';

/** A tenant whose log goes on beyond a consumer's cursor. */
export interface TenantBehind {
  readonly tenantId: TenantId;
  /** What the consumer has done up to and including. */
  readonly cursor: Position;
}

interface CursorRow {
  readonly tenant_id: string;
  readonly incarnation: number;
  readonly xid: string;
  readonly seq: number;
}

/**
 * Consumer and shards are part of the text: a statement without parameters is planned once for each
 * connection. With parameters it was planned at every poll, which took seven times as long as running it.
 */
const keptPlan = { prepare: true, simple: false };

const behindText = (consumer: string, shards: readonly number[]): string => `
  select t.id as tenant_id, c.incarnation, c.xid::text as xid, c.seq::float8 as seq
  from tenants t
  cross join lateral (
    select coalesce(max(incarnation), 0::smallint) as incarnation,
      coalesce(max(xid), '0'::xid8) as xid, coalesce(max(seq), 0) as seq
    from tail_cursors where tenant_id = t.id and consumer = '${consumer}'
  ) c
  cross join lateral (
    select from events e
    where e.tenant_id = t.id and (e.incarnation, e.xid, e.seq) > (c.incarnation, c.xid, c.seq)
      and ${belowHorizon}
    order by e.incarnation, e.xid, e.seq
    limit 1
  ) unseen
  where (hashtext(t.id::text) & 2147483647) % ${limits.tailShards} in (${shards.join(', ')})`;

/**
 * Tenants of these shards with readable events that the consumer has not seen. Needs the worker's
 * login, whose policies show the log and the cursors of all tenants. One index probe a tenant: as an
 * `exists` it became a join that read the whole log at every poll (31 ms at 40,000 events).
 */
export async function findTenantsBehind(
  client: Sql,
  consumer: string,
  shards: readonly number[],
): Promise<TenantBehind[]> {
  if (!/^[a-z_]+$/.test(consumer) || shards.some((shard) => !Number.isInteger(shard))) {
    throw new TypeError('a consumer is a lower-case word, a shard a whole number');
  }
  if (shards.length === 0) return [];
  const rows = await client.unsafe<CursorRow[]>(behindText(consumer, shards), [], keptPlan);
  return rows.map(tenantOf);
}

/** Tenants of these shards whose log the consumer has ever read, with its cursor. */
export async function findTenantsKnown(
  client: Sql,
  consumer: string,
  shards: readonly number[],
): Promise<TenantBehind[]> {
  const rows = await client<CursorRow[]>`
    select c.tenant_id, c.incarnation, c.xid::text as xid, c.seq::float8 as seq
    from tail_cursors c
    where c.consumer = ${consumer}
      and (hashtext(c.tenant_id::text) & 2147483647) % ${limits.tailShards}
        = any (${[...shards]}::int[])`;
  return rows.map(tenantOf);
}

function tenantOf(row: CursorRow): TenantBehind {
  return {
    tenantId: mintTenantId(TypeID.fromUUID(idPrefixes.tenant, row.tenant_id).toString()),
    cursor: { incarnation: row.incarnation, xid: row.xid, seq: row.seq },
  };
}

/**
 * Moves a cursor from where its consumer believed it to stand; false when it stands elsewhere, and
 * then the caller must roll back. This compare-and-set, in the transaction of what was derived, is
 * what makes every consumer exactly-once, whoever believes to lead.
 */
export async function moveCursor(
  tx: Tx,
  tenantId: TenantId,
  consumer: string,
  from: Position,
  to: Position,
): Promise<boolean> {
  const tenant = uuidOf(tenantId);
  const isFirst = from.xid === startPosition.xid && from.incarnation === startPosition.incarnation;
  const moved = isFirst
    ? await tx.execute(sql`
        insert into tail_cursors (tenant_id, consumer, incarnation, xid, seq)
        values (${tenant}, ${consumer}, ${to.incarnation}, ${to.xid}, ${to.seq})
        on conflict do nothing
        returning 1`)
    : await tx.execute(sql`
        update tail_cursors
        set incarnation = ${to.incarnation}, xid = ${to.xid}, seq = ${to.seq}, updated_at = now()
        where tenant_id = ${tenant} and consumer = ${consumer}
          and incarnation = ${from.incarnation} and xid = ${from.xid} and seq = ${from.seq}
        returning 1`);
  return moved.length === 1;
}
