import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PermitClaims } from './contract.ts';
import { createPermitKey } from './permit-key.ts';
import vector from './permit-vector.json' with { type: 'json' };

const secret = Buffer.from(vector.secret, 'hex');
const claims: PermitClaims = vector.claims;

describe('the published permit', () => {
  it('is what this key signs, each time', async () => {
    const key = await createPermitKey(secret);
    expect(key.kid).toBe(vector.jwk.kid);
    expect(key.jwks.keys).toEqual([vector.jwk]);
    expect(key.sign(claims)).toBe(vector.permit);
    expect(await key.verify(vector.permit)).toEqual(claims);
  });

  it('verifies without any of our code', () => {
    const [header = '', payload = '', signature = ''] = vector.permit.split('.');
    const publicKey = createPublicKey({ key: vector.jwk, format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    const bytes = Buffer.from(signature, 'base64url');
    expect(verifySignature(null, signed, publicKey, bytes)).toBe(true);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'EdDSA',
      kid: vector.jwk.kid,
      typ: 'signalbox-permit+jwt',
    });
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual(claims);
  });
});

describe('verify', () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const [header = '', payload = '', signature = ''] = vector.permit.split('.');
  it.each<[string, string]>([
    ['nothing', ''],
    ['no token', 'a.b.c'],
    [
      'one changed claim',
      [header, encode({ ...claims, exp: claims.exp + 1 }), signature].join('.'),
    ],
    ['no signature', [header, payload, ''].join('.')],
    ['the algorithm none', [encode({ alg: 'none' }), payload, ''].join('.')],
    ['another type', [encode({ alg: 'EdDSA', kid: vector.jwk.kid }), payload, signature].join('.')],
  ])('takes %s for no permit', async (_, permit) => {
    expect(await (await createPermitKey(secret)).verify(permit)).toBeNull();
  });

  it('takes the permit of another key for none', async () => {
    const other = await createPermitKey(Buffer.alloc(32, 1));
    expect(await other.verify(vector.permit)).toBeNull();
  });
});
