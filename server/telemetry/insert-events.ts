import type { Sql, TransactionSql } from 'postgres';
import type { TenantId } from '#server/kernel/ids.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { type EncodedEvent, isSameEvent } from './encode-event.ts';
import { insertParameters, insertStatement } from './insert-statement.ts';
import type { Position } from './position.ts';

/** What became of one event; `failed` means that Postgres refused just this one. */
export type InsertOutcome =
  | { readonly status: 'accepted' | 'duplicate'; readonly position: Position | null }
  | { readonly status: 'conflict' }
  | { readonly status: 'failed'; readonly cause: unknown };

interface InsertedGroup {
  readonly fresh: number;
  readonly seq: number | null;
  readonly xid: string;
  readonly incarnation: number;
}

interface StoredRow {
  readonly id: string;
  readonly revision: number;
  readonly digest: Buffer;
  readonly salt: Buffer | null;
  readonly commitment: Buffer;
  readonly body: string | null;
}

/**
 * Stores one group of one tenant in one transaction and answers per event, in the given order. After
 * it resolves, the accepted events are durable. Throws when the whole transaction failed; then none
 * of them is stored.
 *
 * no-audit: the events are themselves an append-only log.
 */
export function insertEventGroup(
  sql: Sql,
  tenantId: TenantId,
  events: readonly EncodedEvent[],
): Promise<InsertOutcome[]> {
  const groups = firstOfEachId(events);
  return sql.begin(async (tx) => {
    await tx`select set_config('app.tenant', ${uuidOf(tenantId)}, true),
      set_config('transaction_timeout', ${String(limits.writeTransactionMs)}, true)`;
    const outcomes = new Map<EncodedEvent, InsertOutcome>();
    await insertFresh(tx, tenantId, groups.first, outcomes);
    // The same id twice in one group: the later ones are compared with what the first one stored.
    for (const later of groups.later) await insertFresh(tx, tenantId, [later], outcomes);
    return events.map((event) => outcomes.get(event) ?? { status: 'failed', cause: null });
  });
}

function firstOfEachId(events: readonly EncodedEvent[]): {
  first: EncodedEvent[];
  later: EncodedEvent[];
} {
  const seen = new Set<string>();
  const first: EncodedEvent[] = [];
  const later: EncodedEvent[] = [];
  for (const event of events) {
    const id = event.source.event.id;
    (seen.has(id) ? later : first).push(event);
    seen.add(id);
  }
  return { first, later };
}

/** Inserts what is new and compares what is not. */
async function insertFresh(
  tx: TransactionSql,
  tenantId: TenantId,
  events: readonly EncodedEvent[],
  outcomes: Map<EncodedEvent, InsertOutcome>,
): Promise<void> {
  const rows = events.map((encoded) => ({ encoded, revision: 0 }));
  const inserted = await runInsert(tx, tenantId, rows);
  const position = positionOf(inserted);
  if (inserted.fresh === events.length) {
    for (const event of events) outcomes.set(event, { status: 'accepted', position });
    return;
  }
  const stored = await readStored(tx, tenantId, inserted.xid, events);
  for (const event of events) {
    const versions = stored.get(event.source.event.id) ?? [];
    if (versions.length === 0) outcomes.set(event, { status: 'accepted', position });
    else outcomes.set(event, await settleConflict(tx, tenantId, event, versions));
  }
}

async function runInsert(
  tx: TransactionSql,
  tenantId: TenantId,
  rows: readonly { encoded: EncodedEvent; revision: number }[],
): Promise<InsertedGroup> {
  const [group] = await tx.unsafe<InsertedGroup[]>(
    insertStatement,
    insertParameters(tenantId, rows),
    {
      prepare: true,
    },
  );
  if (!group) throw new Error('the insert answered no row');
  return group;
}

function positionOf(group: InsertedGroup): Position | null {
  if (group.seq === null) return null;
  return { incarnation: group.incarnation, xid: group.xid, seq: group.seq };
}

/** What stood under these ids before this transaction wrote. */
async function readStored(
  tx: TransactionSql,
  tenantId: TenantId,
  xid: string,
  events: readonly EncodedEvent[],
): Promise<Map<string, StoredRow[]>> {
  const ids = events.map((event) => event.source.event.id);
  const isAlone = events.length === 1;
  const rows = await tx<StoredRow[]>`
    select i.id, i.revision, i.digest, b.salt, b.commitment, b.body
    from event_ids i
    left join event_bodies b on b.tenant_id = i.tenant_id and b.received_on = i.received_on
      and b.seq = i.seq
    where i.tenant_id = ${uuidOf(tenantId)} and i.id = any (${ids})
      and (i.xid <> ${xid}::xid8 or ${isAlone})
    order by i.id, i.revision`;
  const found = new Map<string, StoredRow[]>();
  for (const row of rows) found.set(row.id, [...(found.get(row.id) ?? []), row]);
  return found;
}

/** A known id: the same content is a duplicate; another is refused, or kept as a revision. */
async function settleConflict(
  tx: TransactionSql,
  tenantId: TenantId,
  event: EncodedEvent,
  versions: readonly StoredRow[],
): Promise<InsertOutcome> {
  if (versions.some((version) => isSameEvent(version, event))) {
    return { status: 'duplicate', position: null };
  }
  const revision = Math.max(...versions.map((version) => version.revision)) + 1;
  if (event.source.onConflict === 'reject' || revision > limits.eventRevisionsMax) {
    return { status: 'conflict' };
  }
  const inserted = await runInsert(tx, tenantId, [{ encoded: event, revision }]);
  // Somebody else stored this revision meanwhile: the sender tries again and is compared with it.
  if (inserted.fresh === 0) return { status: 'conflict' };
  return { status: 'accepted', position: positionOf(inserted) };
}
