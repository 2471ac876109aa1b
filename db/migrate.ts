import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { createSql } from './client.ts';
import { grantStatements } from './grants.ts';

/** Postgres 17 brought transaction_timeout, on which the bounds of write transactions stand. */
export const postgresVersionMin = 17;

const migrationsFolder = join(dirname(fileURLToPath(import.meta.url)), 'migrations');

/**
 * Brings the database that `ownerUrl` names to the current schema, grants and partitions. Safe to
 * run again and from several machines at once (advisory lock).
 * @throws Error when the server is older than {@link postgresVersionMin}.
 */
export async function migrateDatabase(ownerUrl: string): Promise<void> {
  const sql = createSql(ownerUrl, { connectionsMax: 1, applicationName: 'signalbox-migrate' });
  try {
    const [version] = await sql<{ major: number }[]>`
      select current_setting('server_version_num')::int / 10000 as major`;
    if (!version || version.major < postgresVersionMin) {
      throw new Error(
        `Signalbox needs Postgres ${postgresVersionMin} or newer; this server is ${version?.major ?? 'unknown'}.`,
      );
    }
    await sql`select pg_advisory_lock(hashtext('signalbox-migrate'))`;
    await migrate(drizzle(sql), { migrationsFolder });
    for (const statement of grantStatements()) await sql.unsafe(statement);
    await sql`select ensure_event_partitions(7)`;
    await recordIncarnation(sql);
  } finally {
    await sql.end();
  }
}

/**
 * Positions begin with the incarnation of the log. A restored dump lives in another cluster, a
 * recovery to a point in time on another timeline: either way transaction ids may repeat, so the
 * number grows.
 */
async function recordIncarnation(sql: ReturnType<typeof createSql>): Promise<void> {
  const [row] = await sql<{ cluster: string }[]>`
    select s.system_identifier || '/' || c.timeline_id as cluster
    from pg_control_system() s, pg_control_checkpoint() c`;
  if (!row) throw new Error('Postgres did not tell its system identifier');
  await sql`
    insert into log_incarnation (singleton, incarnation, cluster) values (true, 1, ${row.cluster})
    on conflict (singleton) do update
      set incarnation = log_incarnation.incarnation + 1, cluster = excluded.cluster
      where log_incarnation.cluster <> excluded.cluster`;
}
