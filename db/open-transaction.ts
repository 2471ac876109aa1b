import { PostgresJsSession, PostgresJsTransaction } from 'drizzle-orm/postgres-js/session';
import type { PgDialect } from 'drizzle-orm/pg-core';
import type { Sql } from 'postgres';
import type { Db, Tx } from './client.ts';
import { driveTransaction } from './drive-transaction.ts';

/** Settings of one transaction; values of ours only, checked against {@link plainValue}. */
export type TransactionSettings = Readonly<Record<string, string>>;

const plainValue = /^[A-Za-z0-9_-]*$/;

/**
 * Runs `work` in a READ COMMITTED transaction with these settings, opened in the same trip to the
 * database as what it asks first. Drizzle's own way takes three more: `begin`, the isolation, and a
 * statement for the settings whose types it asks for first.
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
  return driveTransaction(db.$client, text, (client) => {
    const { dialect, session } = db as unknown as Inner;
    const { options } = session;
    // Without the schema, which only relational queries (`tx.query`, not used here) need: drizzle makes
    // an object of every table of it, each time.
    const inner: unknown = new PostgresJsSession(
      client as unknown as Sql,
      dialect,
      undefined,
      options,
    );
    return work(new PostgresJsTransaction(dialect, inner as InnerSession, undefined) as Tx);
  });
}

/** What drizzle makes its own transactions of; not in its published types. */
interface Inner {
  readonly dialect: PgDialect;
  readonly session: {
    readonly options: ConstructorParameters<typeof PostgresJsSession>[3];
  };
}

type InnerSession = ConstructorParameters<typeof PostgresJsTransaction>[1];
