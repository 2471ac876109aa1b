import { randomBytes } from 'node:crypto';
import { createSql } from './client.ts';
import { loginRoles } from './grants.ts';

export type LoginPasswords = Readonly<Record<keyof typeof loginRoles, string>>;

/** A password of 192 random bits, safe inside a URL and a quoted SQL string. */
export function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * The SQL that makes the login roles; roles belong to the whole cluster, so each is made only when
 * missing and given its password again. An administrator without superuser rights may run it: it
 * names no attribute that only a superuser may set, and then refuses a role that has too many.
 */
export function roleStatements(passwords: LoginPasswords): string[] {
  return Object.entries(loginRoles).flatMap(([key, role]) => {
    const password = passwords[key as keyof typeof loginRoles];
    if (!/^[\w-]+$/.test(password)) throw new Error('a login password must be base64url text');
    return [
      `do $$ begin create role ${role} login noinherit;
       exception when duplicate_object then null; end $$`,
      `do $$ begin if exists (select 1 from pg_roles
         where rolname = '${role}' and (rolsuper or rolbypassrls))
       then raise exception 'role ${role} must be neither superuser nor bypassrls'; end if; end $$`,
      `alter role ${role} login password '${password}'`,
    ];
  });
}

/** The SQL that lets the logins into a database, and its owner role make tables there. */
export function databaseStatements(database: string): string[] {
  const name = `"${database.replaceAll('"', '""')}"`;
  return [
    ...Object.values(loginRoles).map(
      (role) => `grant connect, temporary on database ${name} to ${role}`,
    ),
    `grant create on database ${name} to ${loginRoles.owner}`,
    `grant usage, create on schema public to ${loginRoles.owner}`,
  ];
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
 * Makes the logins and lets them into the database that `adminUrl` names: a Postgres of somebody's
 * own, in which nothing else is changed.
 */
export async function prepareDatabase(adminUrl: string, passwords: LoginPasswords): Promise<void> {
  const admin = createSql(adminUrl, { connectionsMax: 1 });
  try {
    const [row] = await admin<{ name: string }[]>`select current_database() as name`;
    if (!row) throw new Error('Postgres did not tell the name of the database');
    for (const statement of [...roleStatements(passwords), ...databaseStatements(row.name)]) {
      await admin.unsafe(statement);
    }
  } finally {
    await admin.end();
  }
}
