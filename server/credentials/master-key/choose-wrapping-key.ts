import { sql } from 'drizzle-orm';
import type { Db, Tx } from '#db/client.ts';
import { masterKeys } from '#db/schema/tenancy.ts';
import { type KeyManagement, masterKeyMissing } from '../key-management.ts';

/** A master key that data keys may lie wrapped by. */
export interface RegisteredKey {
  readonly name: string;
  /** The wrapped key of derivations; null = this master key itself. */
  readonly derivation: Buffer | null;
}

/**
 * The registered master keys, after the first one was registered where none is: the oldest that this
 * process holds, because what was derived until then was derived from it.
 */
export async function readMasterKeys(
  tx: Db | Tx,
  keys: Pick<KeyManagement, 'keyNames'>,
): Promise<RegisteredKey[]> {
  await tx.execute(sql`select register_master_key(${keys.keyNames.at(-1) ?? ''})`);
  return tx
    .select({ name: masterKeys.name, derivation: masterKeys.derivation })
    .from(masterKeys)
    .orderBy(masterKeys.createdAt, masterKeys.name);
}

/**
 * By which of its keys a process wraps a new data key: the first that it holds and that is registered.
 * While one is exchanged, processes that know both use the new one from its registration on.
 * @throws AppError `store_unavailable` where it holds none
 */
export async function chooseWrappingKey(tx: Db | Tx, keys: KeyManagement): Promise<string> {
  const registered = (await readMasterKeys(tx, keys)).map((one) => one.name);
  const chosen = keys.keyNames.find((name) => registered.includes(name));
  if (chosen === undefined) throw masterKeyMissing(registered, keys.keyNames);
  return chosen;
}

/** Whether the database refused a row because the key that it lies under is gone (SQLSTATE 23503). */
export function isKeyGone(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && at.code === '23503') return true;
  }
  return false;
}
