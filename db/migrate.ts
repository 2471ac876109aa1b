import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { createSql } from './client.ts';
import { grantStatements, loginRoles } from './grants.ts';

/** Postgres 17 brought transaction_timeout, on which the bounds of write transactions stand. */
export const postgresVersionMin = 17;

const migrationsFolder = join(dirname(fileURLToPath(import.meta.url)), 'migrations');

/** A password of 192 random bits, safe inside a URL and a quoted SQL string. */
export function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}

export type LoginPasswords = Readonly<Record<keyof typeof loginRoles, string>>;

/**
 * The SQL that makes the login roles; roles belong to the whole cluster, so each is made only when
 * missing and given its password again. For a managed Postgres an administrator runs it once.
 */
export function roleStatements(passwords: LoginPasswords): string[] {
  return Object.entries(loginRoles).flatMap(([key, role]) => {
    const password = passwords[key as keyof typeof loginRoles];
    if (!/^[\w-]+$/.test(password)) throw new Error('a login password must be base64url text');
    return [
      `do $$ begin create role ${role} login noinherit nobypassrls;
       exception when duplicate_object then null; end $$`,
      `alter role ${role} login nosuperuser nobypassrls password '${password}'`,
    ];
  });
}

/** Makes the login roles and a database that the owner role owns. Runs as an administrator. */
export async function createDatabase(
  adminUrl: string,
  name: string,
  passwords: LoginPasswords,
): Promise<void> {
  const admin = createSql(adminUrl, { connectionsMax: 1 });
  try {
    for (const statement of roleStatements(passwords)) await admin.unsafe(statement);
    const found = await admin`select 1 from pg_database where datname = ${name}`;
    if (found.length === 0) {
      await admin.unsafe(
        `create database "${name}" owner ${loginRoles.owner} template template0 encoding 'UTF8'`,
      );
    }
    await admin.unsafe(`revoke all on database "${name}" from public`);
    for (const role of Object.values(loginRoles)) {
      await admin.unsafe(`grant connect, temporary on database "${name}" to ${role}`);
    }
  } finally {
    await admin.end();
  }
}

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
