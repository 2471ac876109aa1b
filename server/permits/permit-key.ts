import { createPrivateKey, createPublicKey, hkdfSync, sign } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import { canonicalise, type JsonObject } from './canonicalise.ts';
import { type PermitClaims, permitClaimsSchema } from './contract.ts';

/** `typ` of a permit: a token of another kind that this key ever signs is no permit. */
const permitType = 'signalbox-permit+jwt';
/** RFC 8410: the DER of an Ed25519 private key up to its 32 bytes. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The key that signs permits and leases that are JWTs, and its public half. */
export interface PermitKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  /** RFC 7517, section 5: what `/.well-known/jwks.json` answers. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** Compact JWS of another kind, named by its `typ`. */
  readonly signAs: (type: string, claims: JsonObject) => string;
  /** What a token of exactly that kind, of this key, says; null for anything else. */
  readonly readAs: (type: string, token: string) => Promise<unknown>;
  /** Compact JWS. Ed25519 gives the same signature for the same claims. */
  readonly sign: (claims: PermitClaims) => string;
  /** The claims of a permit of this key, whether live or not; null for anything else. */
  readonly verify: (permit: string) => Promise<PermitClaims | null>;
}

const inBase64Url = (text: string) => Buffer.from(text).toString('base64url');

/**
 * The permit key of this Signalbox: Ed25519, its seed derived (HKDF-SHA-256, RFC 5869) from the
 * secret file, so that every process with the same file has the same key.
 */
export async function createPermitKey(secret: Uint8Array): Promise<PermitKey> {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'signalbox permit key v1', 32));
  const der = Buffer.concat([pkcs8Prefix, seed]);
  const secretKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { crv, kty, x } = createPublicKey(secretKey).export({ format: 'jwk' });
  if (crv === undefined || kty === undefined || x === undefined) throw new Error('no Ed25519 key');
  const publicJwk: JWK = { kty, crv, x };
  const kid = await calculateJwkThumbprint(publicJwk);
  const publicKey = await importJWK(publicJwk, 'EdDSA');
  const headerOf = (type: string): string =>
    inBase64Url(JSON.stringify({ alg: 'EdDSA', kid, typ: type }));
  // RFC 7515, section 7.1, without the thread pool, which makes a signature cost twice its time.
  const signUnder = (header: string, claims: JsonObject): string => {
    const signed = `${header}.${inBase64Url(canonicalise(claims))}`;
    return `${signed}.${sign(null, Buffer.from(signed), secretKey).toString('base64url')}`;
  };
  const permitHeader = headerOf(permitType);
  const readAs = async (type: string, token: string): Promise<unknown> => {
    try {
      const { payload, protectedHeader } = await compactVerify(token, publicKey, {
        algorithms: ['EdDSA'],
      });
      if (protectedHeader.typ !== type || protectedHeader.kid !== kid) return null;
      return JSON.parse(Buffer.from(payload).toString());
    } catch {
      // Whatever is wrong with it, it is no token of ours.
      return null;
    }
  };
  return {
    kid,
    signAs: (type, claims) => signUnder(headerOf(type), claims),
    readAs,
    jwks: { keys: [{ ...publicJwk, kid, alg: 'EdDSA', use: 'sig' }] },
    sign: (claims) => signUnder(permitHeader, claims),
    verify: async (permit) =>
      permitClaimsSchema.safeParse(await readAs(permitType, permit)).data ?? null,
  };
}
