import type { Db } from '#db/client.ts';
import { createLocalKeyManagement, masterKeyMissing, masterKeyName } from '../key-management.ts';
import { readMasterKeys, type RegisteredKey } from './choose-wrapping-key.ts';

/** What the wrapped key of derivations is bound to. */
export const derivationBound = 'derivation key';

/**
 * The key from which this Signalbox derives all keys that are stored nowhere: placeholders, marks,
 * sealed arguments, addresses and secrets of channels, the key of security events. The first master key
 * is it; from its first exchange on it lies wrapped by the present one, so that none of them changes.
 *
 * @param masterKeys the present one first, then the one before it
 * @throws AppError `store_unavailable` where none of them is registered
 */
export async function openDerivationKey(
  db: Db,
  masterKeys: readonly Uint8Array[],
): Promise<Uint8Array> {
  const names = masterKeys.map(masterKeyName);
  const registered = await readMasterKeys(db, { keyNames: names });
  for (const key of masterKeys) {
    const row = registered.find((one) => one.name === masterKeyName(key));
    if (row !== undefined) return unwrapDerivation(key, row);
  }
  throw masterKeyMissing(
    registered.map((one) => one.name),
    names,
  );
}

/** The key of derivations as this master key's row has it. @throws Error when a byte of it differs */
export async function unwrapDerivation(
  masterKey: Uint8Array,
  { name, derivation }: RegisteredKey,
): Promise<Uint8Array> {
  if (derivation === null) return masterKey;
  return createLocalKeyManagement(masterKey).unwrap(derivation, name, derivationBound);
}
