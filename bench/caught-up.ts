import type { Sql } from 'postgres';

/** Every reader of the log whose work a person or a rule waits for. */
const consumers = ['assembler', 'detector', 'indexer'];
const pollMs = 50;

/** How far the readers are behind the log of one tenant. */
export interface Lag {
  /** Events that the slowest reader has not yet seen. */
  readonly events: number;
  /** By reader. */
  readonly eventsByReader: Readonly<Record<string, number>>;
}

export async function readLag(admin: Sql, tenantUuid: string): Promise<Lag> {
  const rows = await admin<{ consumer: string; events: number }[]>`
    select wanted.consumer, (
      select count(*)::int from events e
      where e.tenant_id = ${tenantUuid} and (e.incarnation, e.xid, e.seq) >
        (coalesce(c.incarnation, 0::smallint), coalesce(c.xid, '0'::xid8), coalesce(c.seq, 0))
    ) as events
    from unnest(${consumers}::text[]) as wanted(consumer)
    left join tail_cursors c on c.tenant_id = ${tenantUuid} and c.consumer = wanted.consumer`;
  const eventsByReader = Object.fromEntries(rows.map((row) => [row.consumer, row.events]));
  return { events: Math.max(...rows.map((row) => row.events)), eventsByReader };
}

/**
 * Resolves when every reader has seen all that the log holds; answers how long each took, in
 * milliseconds from the call, seen to within a poll. @throws Error after `patienceMs`.
 */
export async function waitUntilCaughtUp(
  admin: Sql,
  tenantUuid: string,
  patienceMs = 600_000,
): Promise<Readonly<Record<string, number>>> {
  const startedAt = performance.now();
  const doneMs: Record<string, number> = {};
  for (;;) {
    const lag = await readLag(admin, tenantUuid);
    const elapsedMs = performance.now() - startedAt;
    for (const [reader, events] of Object.entries(lag.eventsByReader)) {
      if (events === 0) doneMs[reader] ??= Math.round(elapsedMs);
    }
    if (lag.events === 0) return doneMs;
    if (elapsedMs > patienceMs) {
      throw new Error(`the readers do not catch up: ${JSON.stringify(lag.eventsByReader)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
