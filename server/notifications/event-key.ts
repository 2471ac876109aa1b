import { checkPrime, createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';

/** The key that signs security events, and its public half. */
export interface EventKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** For `/.well-known/jwks.json`. */
  readonly publicJwk: JWK;
}

const isPrime = promisify(checkPrime);

const primeBytes = 128;
const exponent = 65_537n;

/**
 * Numbers from the secret until one is prime (FIPS 186-5, A.1.3, its random bits from HKDF): both
 * highest bits are set, so that two of them make a modulus of 2,048 bits. About 355 are looked at.
 */
async function findPrime(secret: Uint8Array, name: 'p' | 'q'): Promise<bigint> {
  for (let tried = 0; ; tried += 1) {
    const info = `signalbox event key v1 ${name} ${tried}`;
    const bytes = Buffer.from(hkdfSync('sha256', secret, '', info, primeBytes));
    bytes.writeUInt8(bytes.readUInt8(0) | 0xc0, 0);
    bytes.writeUInt8(bytes.readUInt8(primeBytes - 1) | 1, primeBytes - 1);
    const candidate = BigInt(`0x${bytes.toString('hex')}`);
    if ((candidate - 1n) % exponent !== 0n && (await isPrime(bytes))) return candidate;
  }
}

/** The inverse of `value` modulo `modulus`, by Euclid; the two have no common divisor. */
function invert(value: bigint, modulus: bigint): bigint {
  let [rest, next] = [modulus, value % modulus];
  let [before, factor] = [0n, 1n];
  while (next !== 0n) {
    const times = rest / next;
    [rest, next] = [next, rest - times * next];
    [before, factor] = [factor, before - times * factor];
  }
  return ((before % modulus) + modulus) % modulus;
}

function base64Url(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}

/**
 * The event key of this Signalbox: RSA of 2,048 bits, because the interoperability profile of CAEP
 * demands RS256 and receivers know nothing else. Derived from the secret file, like every other key
 * here, so that all processes have the same and none lies in a table. Takes some hundred milliseconds
 * of a thread beside the main one.
 */
export async function createEventKey(secret: Uint8Array): Promise<EventKey> {
  const [p, q] = await Promise.all([findPrime(secret, 'p'), findPrime(secret, 'q')]);
  const d = invert(exponent, (p - 1n) * (q - 1n));
  const publicPart = { kty: 'RSA', n: base64Url(p * q), e: base64Url(exponent) };
  const privateKey = createPrivateKey({
    format: 'jwk',
    key: {
      ...publicPart,
      d: base64Url(d),
      p: base64Url(p),
      q: base64Url(q),
      dp: base64Url(d % (p - 1n)),
      dq: base64Url(d % (q - 1n)),
      qi: base64Url(invert(q, p)),
    },
  });
  const kid = await calculateJwkThumbprint(publicPart);
  return { kid, privateKey, publicJwk: { ...publicPart, kid, alg: 'RS256', use: 'sig' } };
}

/** The key, made when somebody first wants it: most processes never do. */
export function lazyEventKey(secret: Uint8Array): () => Promise<EventKey> {
  let made: Promise<EventKey> | null = null;
  return () => (made ??= createEventKey(secret));
}
