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

/** How many rows a query finds. */
export async function countRows(sql: Sql, query: string): Promise<number> {
  const [row] = await sql.unsafe<{ n: number }[]>(`select count(*)::int as n from (${query}) q`);
  return row?.n ?? -1;
}
