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
 * Stores one group of one tenant and answers per event, in the given order. What is new goes in by one
 * statement that is a transaction of its own; only a group with known ids needs a second one, which
 * compares them. After it resolves, the accepted events are durable. When it throws, some may be
 * stored already: sent again they count as duplicates.
 *
 * no-audit: the events are themselves an append-only log.
 */
export async function insertEventGroup(
  sql: Sql,
  tenantId: TenantId,
  events: readonly EncodedEvent[],
): Promise<InsertOutcome[]> {
  const { first, later } = firstOfEachId(events);
  const outcomes = new Map<EncodedEvent, InsertOutcome>();
  const inserted = await runInsert(sql, tenantId, withRevision(first, 0));
  const isAllNew = inserted.fresh === first.length;
  if (isAllNew) acceptAll(first, inserted, outcomes);
  if (!isAllNew || later.length > 0) {
    await sql.begin(async (tx) => {
      await tx`select set_config('app.tenant', ${uuidOf(tenantId)}, true),
        set_config('transaction_timeout', ${String(limits.writeTransactionMs)}, true)`;
      if (!isAllNew) await settleKnown(tx, tenantId, inserted, first, outcomes);
      // The same id twice in one group: the later ones are compared with what the first one stored.
      for (const event of later) await insertLater(tx, tenantId, event, outcomes);
    });
  }
  return events.map((event) => outcomes.get(event) ?? { status: 'failed', cause: null });
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

const withRevision = (events: readonly EncodedEvent[], revision: number) =>
  events.map((encoded) => ({ encoded, revision }));

function acceptAll(
  events: readonly EncodedEvent[],
  inserted: InsertedGroup,
  outcomes: Map<EncodedEvent, InsertOutcome>,
): void {
  const outcome: InsertOutcome = { status: 'accepted', position: positionOf(inserted) };
  for (const event of events) outcomes.set(event, outcome);
}

/** Tells those that `inserted` wrote from those whose id was known, and compares these. */
async function settleKnown(
  tx: TransactionSql,
  tenantId: TenantId,
  inserted: InsertedGroup,
  events: readonly EncodedEvent[],
  outcomes: Map<EncodedEvent, InsertOutcome>,
): Promise<void> {
  const stored = await readStored(tx, tenantId, inserted, events);
  for (const event of events) {
    const versions = stored.get(event.source.event.id) ?? [];
    if (versions.length === 0) acceptAll([event], inserted, outcomes);
    else outcomes.set(event, await settleConflict(tx, tenantId, event, versions));
  }
}

async function insertLater(
  tx: TransactionSql,
  tenantId: TenantId,
  event: EncodedEvent,
  outcomes: Map<EncodedEvent, InsertOutcome>,
): Promise<void> {
  const inserted = await runInsert(tx, tenantId, withRevision([event], 0));
  if (inserted.fresh === 1) acceptAll([event], inserted, outcomes);
  else await settleKnown(tx, tenantId, inserted, [event], outcomes);
}

async function runInsert(
  sql: Sql | TransactionSql,
  tenantId: TenantId,
  rows: readonly { encoded: EncodedEvent; revision: number }[],
): Promise<InsertedGroup> {
  const [group] = await sql.unsafe<InsertedGroup[]>(
    insertStatement,
    insertParameters(tenantId, rows),
    { prepare: true },
  );
  if (!group) throw new Error('the insert answered no row');
  return group;
}

function positionOf(group: InsertedGroup): Position | null {
  if (group.seq === null) return null;
  return { incarnation: group.incarnation, xid: group.xid, seq: group.seq };
}

/** What stood under these ids before `inserted` wrote: a lone event that is not fresh wrote nothing. */
async function readStored(
  tx: TransactionSql,
  tenantId: TenantId,
  inserted: InsertedGroup,
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
      and (i.xid <> ${inserted.xid}::xid8 or ${isAlone})
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
  const inserted = await runInsert(tx, tenantId, withRevision([event], revision));
  // Somebody else stored this revision meanwhile: the sender tries again and is compared with it.
  if (inserted.fresh === 0) return { status: 'conflict' };
  return { status: 'accepted', position: positionOf(inserted) };
}
