import { randomBytes } from 'node:crypto';
import type { KeyKind } from '#db/enums.ts';
import { sha256 } from '#server/kernel/hash.ts';

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 is the first power above 2^256. */
const secretChars = 43;

const shape =
  /^sbk_(?:agent|ingest|service|enforcer)_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}_[0-9A-Za-z]{43}$/;

/** Bytes as one base-62 number, padded to `chars` digits. */
function encodeBase62(bytes: Uint8Array, chars: number): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (let i = 0; i < chars; i++) {
    text = (base62[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text;
}

/**
 * A new key of 256 random bits: `sbk_<kind>_<26 base32>_<43 base62>`. The middle is the key's own
 * id, so that a key found in a log names its row; kind and id are under the hash like the secret.
 */
export function mintKey(
  kind: KeyKind,
  keyId: string,
): { readonly key: string; readonly prefix: string; readonly hash: Buffer } {
  const prefix = `sbk_${kind}_${keyId.slice(keyId.indexOf('_') + 1)}`;
  const key = `${prefix}_${encodeBase62(randomBytes(32), secretChars)}`;
  return { key, prefix, hash: hashKey(key) };
}

/**
 * The stored form of a key. A plain hash is enough for 256 random bits: there is nothing to guess,
 * and a slow one would be paid at every request.
 */
export function hashKey(key: string): Buffer {
  return sha256(key);
}

/** The key of an `Authorization: Bearer …` header; null when it is not one of ours. */
export function keyOfHeader(header: string | null | undefined): string | null {
  const match = /^Bearer +(\S+)$/i.exec(header ?? '');
  const key = match?.[1];
  return key !== undefined && shape.test(key) ? key : null;
}
