import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sql as text } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDb, createSql } from '#db/client.ts';
import { openTestDatabase } from '#server/testing/database.ts';

const bed = openTestDatabase();

/** A socket in front of the database whose connections can be cut without a word. */
let folder: string;
let server: Server;
const open = new Set<Socket>();
const faults: unknown[] = [];
const noteFault = (error: unknown) => faults.push(error);

const realSocketDir = () => new URL(bed.database.appUrl).searchParams.get('host') ?? '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sb-cut-'));
  const real = realSocketDir();
  server = createServer((client) => {
    const upstream = connect(join(real, '.s.PGSQL.5432'));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(join(folder, '.s.PGSQL.5432'));
  await once(server, 'listening');
  process.on('uncaughtException', noteFault);
});

afterEach(() => {
  process.off('uncaughtException', noteFault);
  cut();
  server.close();
  rmSync(folder, { recursive: true, force: true });
  expect(faults.splice(0)).toEqual([]);
});

function cut(): void {
  for (const socket of open) socket.destroy();
  open.clear();
}

const cutUrl = () => {
  const url = new URL(bed.database.appUrl);
  url.searchParams.set('host', folder);
  return url.toString();
};

async function terminate(pid: number): Promise<void> {
  await bed.admin`select pg_terminate_backend(${pid})`;
}

describe.each(['cut', 'terminated'] as const)('a transaction whose connection is %s', (how) => {
  const lose = async (pid: number) => (how === 'cut' ? cut() : terminate(pid));

  it.each(['while it waits', 'while a query runs', 'before a further query', 'at its end'])(
    '%s fails by itself, and the pool works on',
    async (when) => {
      const sql = createSql(cutUrl(), { connectionsMax: 1 });
      try {
        const failed = sql.begin(async (tx) => {
          const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
          const losing = lose(row?.pid ?? 0);
          if (when === 'while a query runs') await tx`select pg_sleep(5)`;
          await losing;
          await wait(when === 'while it waits' ? 100 : 30);
          if (when !== 'at its end') await tx`select 2`;
          return 'done';
        });
        await expect(failed).rejects.toMatchObject({
          code: expect.stringMatching(/CONNECTION|57P01|EPIPE|ECONNRESET/),
        });
        const startedMs = performance.now();
        expect(await sql.begin((tx) => tx`select 3 as n`)).toEqual([{ n: 3 }]);
        expect(performance.now() - startedMs).toBeLessThan(3_000);
      } finally {
        await sql.end({ timeout: 1 });
      }
    },
  );

  it('fails through drizzle too', async () => {
    const db = createDb(cutUrl(), { connectionsMax: 1 });
    try {
      const failed = db.transaction(async (tx) => {
        const [row] = await tx.execute<{ pid: number }>(text`select pg_backend_pid() as pid`);
        await lose(row?.pid ?? 0);
        await wait(30);
        await tx.execute(text`select 2`);
      });
      await expect(failed).rejects.toThrow();
      const after = await db.transaction((tx) => tx.execute(text`select 3 as n`));
      expect([...after]).toEqual([{ n: 3 }]);
    } finally {
      await db.$client.end({ timeout: 1 });
    }
  });
});

describe('a new connection that is lost while it asks for types', () => {
  /** A program of its own: there a rejection that nobody handles is the end. */
  const run = async (body: string) => {
    const client = new URL('client.ts', import.meta.url).href;
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { createSql } from '${client}';
       const sql = createSql(${JSON.stringify(cutUrl())}, { connectionsMax: 1 });
       ${body}
       await sql.end({ timeout: 1 });`,
    ]);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number];
    return { code, said };
  };

  it('fails the query that waits for it, and the process lives on', async () => {
    // Right behind the word that it is ready: what it then asks meets a closed socket (EPIPE).
    let cuts = 0;
    server.removeAllListeners('connection');
    server.on('connection', (client: Socket) => {
      const upstream = connect(join(realSocketDir(), '.s.PGSQL.5432'));
      for (const socket of [client, upstream]) open.add(socket.on('error', () => undefined));
      client.on('close', () => upstream.destroy());
      client.pipe(upstream);
      upstream.on('data', (chunk: Buffer) => {
        const isReady = chunk.includes(Buffer.from('Z\0\0\0\x05I', 'latin1'));
        const isCut = isReady && cuts < 5;
        if (isCut) cuts += 1;
        client.write(chunk, () => isCut && client.destroy());
      });
    });
    const { code, said } = await run(`
      const ask = () => sql\`select 3 as n\`.then(([row]) => row.n, () => null);
      let n = null;
      for (let tries = 0; tries < 20 && n === null; tries += 1) n = await ask();
      console.log(n);`);
    expect({ code, said, cuts }).toEqual({ code: 0, said: '3\n', cuts: 5 });
  });

  it('hides no other rejection that nobody handles', async () => {
    const { code } = await run(`
      await sql\`select 1\`;
      void Promise.reject(new Error('forgotten'));
      await new Promise((resolve) => setTimeout(resolve, 200));`);
    expect(code).toBe(1);
  });
});

describe('a transaction of a guarded pool', () => {
  it('commits, rolls back, nests and takes lists of queries as before', async () => {
    const sql = createSql(bed.database.adminUrl, { connectionsMax: 1 });
    try {
      await sql`create table kept (n int)`;
      await sql.begin(async (tx) => {
        await tx`insert into kept values (1)`;
        await tx
          .savepoint(async (inner) => {
            await inner`insert into kept values (2)`;
            throw new Error('not this one');
          })
          .catch(() => undefined);
      });
      await expect(
        sql.begin(async (tx) => {
          await tx`insert into kept values (3)`;
          throw new Error('nor this');
        }),
      ).rejects.toThrow('nor this');
      await expect(sql.begin((tx) => tx`insert into nowhere values (1)`)).rejects.toMatchObject({
        code: '42P01',
      });
      await sql.begin('read write', (tx) => [tx`insert into kept values (4)`, tx`select 1`]);
      expect(await sql`select n from kept order by n`).toEqual([{ n: 1 }, { n: 4 }]);
    } finally {
      await sql.end({ timeout: 1 });
    }
  });
});
