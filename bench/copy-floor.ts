import { randomBytes } from 'node:crypto';
import { createSql } from '#db/client.ts';

const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');

/** One COPY message of `rows` rows of four fields: id, trace, received, body; one buffer for all. */
function encodeRows(bodies: readonly Uint8Array[]): Buffer {
  const bytes = bodies.reduce((sum, body) => sum + body.length + 2 + 4 * 4 + 16 + 16 + 8, 0);
  const out = Buffer.allocUnsafe(signature.length + 8 + bytes + 2);
  let at = signature.copy(out);
  at = out.writeInt32BE(0, at);
  at = out.writeInt32BE(0, at);
  const ids = randomBytes(32 * bodies.length);
  const now = BigInt(Date.now() - Date.UTC(2000, 0, 1)) * 1000n;
  bodies.forEach((body, index) => {
    at = out.writeInt16BE(4, at);
    for (const part of [0, 16]) {
      at = out.writeInt32BE(16, at);
      at += ids.copy(out, at, 32 * index + part, 32 * index + part + 16);
    }
    at = out.writeInt32BE(8, at);
    at = out.writeBigInt64BE(now, at);
    at = out.writeInt32BE(body.length, at);
    out.set(body, at);
    at += body.length;
  });
  out.writeInt16BE(-1, at);
  return out;
}

/**
 * The floor of ingest: rows a second of COPY binary on one connection, the same bytes an event into
 * a plain table with a primary key and two indexes, batches of 500, nothing else running.
 */
export async function measureCopyFloor(
  url: string,
  bodyBytes: number,
  rows: number,
): Promise<number> {
  const sql = createSql(url, { connectionsMax: 1 });
  try {
    await sql`drop table if exists bench_plain`;
    await sql`create table bench_plain (id uuid primary key, trace uuid not null,
      received timestamptz not null, body bytea not null)`;
    await sql`create index on bench_plain (trace)`;
    await sql`create index on bench_plain (received)`;
    const bodies = Array.from({ length: 500 }, () => randomBytes(bodyBytes));
    const startedAt = performance.now();
    for (let done = 0; done < rows; done += bodies.length) {
      const stream = await sql`copy bench_plain from stdin (format binary)`.writable();
      await new Promise<void>((resolve, reject) => {
        stream.once('error', reject);
        stream.once('finish', resolve);
        stream.end(encodeRows(bodies));
      });
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const [counted] = await sql<{ rows: number }[]>`select count(*)::int as rows from bench_plain`;
    if (counted?.rows !== rows) throw new Error(`COPY stored ${counted?.rows} of ${rows} rows`);
    return rows / seconds;
  } finally {
    await sql`drop table if exists bench_plain`;
    await sql.end();
  }
}
