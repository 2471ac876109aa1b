import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { PublicKey } from '#server/notifications/receive/read-keys.ts';

export const caepType = 'https://schemas.openid.net/secevent/caep/event-type';
export const testIssuer = 'https://idp.example';
/** What `makeServices` of the tests calls itself. */
export const testReceiver = 'http://127.0.0.1';

/** What changes of an ordinary token; null takes a claim away. */
export interface TokenChange {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** A system that signs security events, with a key that was made just now. */
export interface TestTransmitter {
  readonly publicKey: PublicKey;
  readonly privateKey: CryptoKey;
  /** A token about this subject. Without `change` it is as CAEP has it. */
  readonly sign: (
    event: Readonly<Record<string, unknown>>,
    subject: unknown,
    change?: TokenChange,
  ) => Promise<string>;
}

export const sessionRevoked = { [`${caepType}/session-revoked`]: {} };
export const credentialChange = (change: string) => ({
  [`${caepType}/credential-change`]: { credential_type: 'api_key', change_type: change },
});

let made = 0;

export async function makeTestTransmitter(alg = 'ES256'): Promise<TestTransmitter> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  made += 1;
  const kid = `key-${made}`;
  const jwk = { ...(await exportJWK(publicKey)), alg, kid } as PublicKey;
  return {
    publicKey: jwk,
    privateKey,
    sign: (events, subject, { claims = {}, header = {} } = {}) => {
      const payload: Record<string, unknown> = {
        iss: testIssuer,
        aud: testReceiver,
        jti: crypto.randomUUID(),
        iat: Math.floor(Date.now() / 1000),
        sub_id: subject,
        events,
        ...claims,
      };
      const kept = Object.entries(payload).filter(([, value]) => value !== null);
      return new SignJWT(Object.fromEntries(kept) as JWTPayload)
        .setProtectedHeader({ alg, kid, typ: 'secevent+jwt', ...header })
        .sign(privateKey);
    },
  };
}
