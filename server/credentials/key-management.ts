import { hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '#server/kernel/errors.ts';
import { sha256Hex } from '#server/kernel/hash.ts';
import { decryptBound, encryptBound } from './aes-gcm.ts';

/**
 * Keeps the keys that wrap the tenants' data keys, outside of the database: secrets of this process, or
 * a service that never lets them out. `bound` is what a data key is for; it opens for nothing else.
 */
export interface KeyManagement {
  /**
   * What its keeper calls each key that it holds, the present one first and the former ones after it;
   * the name is kept beside what was wrapped.
   */
  readonly keyNames: readonly string[];
  /** @throws AppError `store_unavailable` when it holds no key of this name. */
  readonly wrap: (dataKey: Uint8Array, keyName: string, bound: string) => Promise<Buffer>;
  /**
   * @throws AppError `store_unavailable` when it holds no key of this name; Error when key, `bound` or a
   *   byte differ.
   */
  readonly unwrap: (wrapped: Buffer, keyName: string, bound: string) => Promise<Buffer>;
}

/** A new data key of 256 random bits. */
export const newDataKey = (): Buffer => randomBytes(32);

/** The wrapping key of a master key (HKDF-SHA-256, RFC 5869). */
const wrappingKeyOf = (masterKey: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', masterKey, '', 'signalbox data keys v1', 32));

/** What a master key is called; twelve hex digits of a hash of 256 derived bits tell nothing of it. */
export const masterKeyName = (masterKey: Uint8Array): string =>
  `local:${sha256Hex(wrappingKeyOf(masterKey)).slice(0, 12)}`;

/** What is said where a data key lies under a master key that this process was not given. */
export const masterKeyMissing = (wrappedBy: readonly string[], held: readonly string[]): AppError =>
  new AppError(
    'store_unavailable',
    `What is here was wrapped by the master key ${wrappedBy.join(' or ')}, and this process holds ` +
      `${held.join(' and ')}; start it again with the present master key.`,
    { extras: { wrappedBy, held } },
  );

/**
 * Wraps under master keys that lie in files or in the environment of every process and in no table.
 * @param masterKeys the present one first, then the one before it while it is exchanged
 */
export function createLocalKeyManagement(...masterKeys: readonly Uint8Array[]): KeyManagement {
  const keys = new Map(masterKeys.map((one) => [masterKeyName(one), wrappingKeyOf(one)]));
  const keyNames = [...keys.keys()];
  const find = (name: string): Uint8Array => {
    const found = keys.get(name);
    if (found === undefined) throw masterKeyMissing([name], keyNames);
    return found;
  };
  return {
    keyNames,
    wrap: async (dataKey, name, bound) => encryptBound(dataKey, find(name), bound),
    unwrap: async (wrapped, name, bound) => decryptBound(wrapped, find(name), bound),
  };
}
