import { hkdfSync, randomBytes } from 'node:crypto';
import { sha256Hex } from '#server/kernel/hash.ts';
import { decryptBound, encryptBound } from './aes-gcm.ts';

/**
 * Keeps the key that wraps the tenants' data keys, outside of the database: a secret of this process,
 * or a service that never lets it out. `bound` is what a data key is for; it opens for nothing else.
 */
export interface KeyManagement {
  /** What its keeper calls the key that wraps now; kept beside what it wrapped. */
  readonly keyName: string;
  readonly wrap: (dataKey: Uint8Array, bound: string) => Promise<Buffer>;
  /** @throws Error when `keyName` is not its own, or key, `bound` or a byte differ. */
  readonly unwrap: (wrapped: Buffer, keyName: string, bound: string) => Promise<Buffer>;
}

/** A new data key of 256 random bits. */
export const newDataKey = (): Buffer => randomBytes(32);

/**
 * The wrapping key derived (HKDF-SHA-256, RFC 5869) from the master key of this Signalbox, which lies
 * in a file or in the environment of every process and in no table.
 */
export function createLocalKeyManagement(masterKey: Uint8Array): KeyManagement {
  const key = new Uint8Array(hkdfSync('sha256', masterKey, '', 'signalbox data keys v1', 32));
  // Twelve hex digits of a hash of 256 derived bits tell nothing of them.
  const keyName = `local:${sha256Hex(key).slice(0, 12)}`;
  return {
    keyName,
    wrap: async (dataKey, bound) => encryptBound(dataKey, key, bound),
    unwrap: async (wrapped, name, bound) => {
      if (name !== keyName) throw new Error(`this data key was wrapped by ${name}, not ${keyName}`);
      return decryptBound(wrapped, key, bound);
    },
  };
}
