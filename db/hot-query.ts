import type { ParameterOrJSON, TransactionSql } from 'postgres';
import type { Tx } from './client.ts';
import type { TransactionClient } from './drive-transaction.ts';

/**
 * Runs a hand-written statement in a transaction as a prepared one: parsed and planned once per
 * connection, one trip each time. Drizzle asks the server for the types of every statement anew, which
 * costs a second trip and a plan; on paths that run a thousand times a second that is half the time.
 * `text` is a constant of ours: each different one is kept by every connection.
 */
export async function hotQuery<Row extends object>(
  tx: Tx,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const { client } = tx._.session as unknown as { readonly client: TransactionSql };
  return client.unsafe<Row[]>(text, values as ParameterOrJSON<never>[], { prepare: true });
}

/**
 * {@link hotQuery} as the last statement of its transaction, sent together with the commit: the rows
 * are answered when they are durable. Nothing more can be asked in this transaction, which
 * `openTransaction` opened.
 */
export async function lastQuery<Row extends object>(
  tx: Tx,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const { client } = tx._.session as unknown as { readonly client: TransactionClient };
  return (await client.last(text, values)) as readonly Row[];
}
