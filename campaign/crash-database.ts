import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { createSql } from '#db/client.ts';
import type { CrashStack } from './crash-stack.ts';

/** Runs work as the superuser, over a connection that is closed with it: what is really stored. */
export async function withAdmin<T>(stack: CrashStack, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = createSql(stack.adminUrl(), { connectionsMax: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const patienceMs = 60_000;

/** The same for work that may be done twice, tried again while Postgres is away. @throws the last failure */
export async function withAdminPatiently<T>(
  stack: CrashStack,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  for (const deadline = Date.now() + patienceMs; ; await wait(50)) {
    try {
      return await withAdmin(stack, work);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** How many rows a query finds. */
export async function countRows(sql: Sql, query: string): Promise<number> {
  const [row] = await sql.unsafe<{ n: number }[]>(`select count(*)::int as n from (${query}) q`);
  return row?.n ?? -1;
}
