import type { Readable } from 'node:stream';
import type { Sql, TransactionSql } from 'postgres';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { CopyReader } from './copy-reader.ts';
import type { Position } from './position.ts';
import { readTailEvent, tailColumns, type TailEvent } from './tail-event.ts';
import { tailOrder, tailRange } from './tail-range.ts';

/**
 * The next events of one tenant after `since`, oldest first, at most `limit` and with payloads of
 * `limits.tailBodyBytesMax` together (one event at least). Reads only below the oldest transaction
 * still running, so what it returns will never be preceded by anything new. Runs in the caller's
 * transaction (worker role, or an application transaction with its tenant set).
 */
export async function readTail(
  tx: Sql | TransactionSql,
  tenantId: TenantId,
  since: Position,
  limit: number,
): Promise<TailEvent[]> {
  const range = tailRange({
    tenantUuid: uuidOf(tenantId),
    since,
    limit,
    bodyBytesMax: limits.tailBodyBytesMax,
  });
  const copy = tx.unsafe(`copy (
    select ${tailColumns}
    from ${range}
    left join event_bodies b
      on b.tenant_id = e.tenant_id and b.received_on = e.received_on and b.seq = e.seq
    ${tailOrder}
  ) to stdout (format binary)`);
  const gathered = await gather(await copy.readable());
  const events = eventsOf(gathered.data.subarray(0, gathered.length));
  if (gathered.data.length === pooledBytes) pool.push(gathered.data);
  return events;
}

function eventsOf(data: Buffer): TailEvent[] {
  const reader = new CopyReader(data);
  const events: TailEvent[] = [];
  for (;;) {
    const event = readTailEvent(reader);
    if (event === null) return events;
    events.push(event);
  }
}

/**
 * Memory that batches are gathered in, used again and again: a new buffer for each, outside of V8's
 * heap, made it collect garbage in full every 6,000 events, which cost a third of the reading.
 */
const pool: Buffer[] = [];
const pooledBytes = 8 * 1024 * 1024;

interface Gathered {
  data: Buffer;
  length: number;
}

/** Reads by events: a promise for each chunk, which is a row, cost more than the row. */
function gather(stream: Readable): Promise<Gathered> {
  const into: Gathered = { data: pool.pop() ?? Buffer.allocUnsafeSlow(pooledBytes), length: 0 };
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      const length = into.length + chunk.length;
      if (length > into.data.length) into.data = enlarged(into, 2 * length);
      chunk.copy(into.data, into.length);
      into.length = length;
    });
    stream.once('end', () => resolve(into));
    stream.once('error', reject);
  });
}

function enlarged({ data, length }: Gathered, bytes: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(bytes);
  data.copy(larger, 0, 0, length);
  return larger;
}
