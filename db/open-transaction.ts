import { PostgresJsSession, PostgresJsTransaction } from 'drizzle-orm/postgres-js/session';
import type { PgDialect } from 'drizzle-orm/pg-core';
import type { Sql } from 'postgres';
import type { Db, Tx } from './client.ts';
import { beginSaying } from './survive-lost-connections.ts';

/** Settings of one transaction; values of ours only, checked against {@link plainValue}. */
export type TransactionSettings = Readonly<Record<string, string>>;

const plainValue = /^[A-Za-z0-9_-]*$/;

/**
 * Runs `work` in a READ COMMITTED transaction with these settings, opened in a single trip to the
 * database. Drizzle's own way takes three and more: `begin`, the isolation, and a statement for the
 * settings whose types it asks for first.
 */
export function openTransaction<T>(
  db: Db,
  mode: 'read write' | 'read only',
  settings: TransactionSettings,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const set = Object.entries(settings).map(([name, value]) => {
    if (!plainValue.test(value)) throw new TypeError(`${name}: not a plain setting`);
    return `set_config('${name}', '${value}', true)`;
  });
  const text = `begin isolation level read committed ${mode}; select ${set.join(', ')}`;
  return beginSaying(db.$client, text, (client) => {
    const { dialect, session } = db as unknown as Inner;
    const { schema, options } = session;
    const inner: unknown = new PostgresJsSession(
      client as unknown as Sql,
      dialect,
      schema,
      options,
    );
    return work(new PostgresJsTransaction(dialect, inner as InnerSession, schema) as Tx);
  });
}

/** What drizzle makes its own transactions of; not in its published types. */
interface Inner {
  readonly dialect: PgDialect;
  readonly session: {
    readonly schema: ConstructorParameters<typeof PostgresJsTransaction>[2];
    readonly options: ConstructorParameters<typeof PostgresJsSession>[3];
  };
}

type InnerSession = ConstructorParameters<typeof PostgresJsTransaction>[1];
