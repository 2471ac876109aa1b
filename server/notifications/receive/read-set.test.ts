import { createHmac } from 'node:crypto';
import { CompactSign } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import {
  makeTestTransmitter,
  sessionRevoked,
  testIssuer,
  testReceiver,
  type TestTransmitter,
  type TokenChange,
} from '#server/testing/test-transmitter.ts';
import { readKeys } from './read-keys.ts';
import { readKeyId, readSet } from './read-set.ts';

const subject = { format: 'opaque', id: 'payer' };
const world: { ours?: TestTransmitter; other?: TestTransmitter } = {};
beforeAll(async () => {
  world.ours = await makeTestTransmitter();
  world.other = await makeTestTransmitter();
});
const of = (name: 'ours' | 'other') => {
  const found = world[name];
  if (found === undefined) throw new Error('the world is not made yet');
  return found;
};

const read = (token: string, keys = [of('ours').publicKey]) => {
  const keyId = readKeyId(token);
  if (keyId.refusal !== null) return Promise.resolve(keyId);
  const expected = { issuer: testIssuer, audiences: [testReceiver], keys };
  return readSet(token, expected, Date.now());
};
const errOf = async (token: string) => (await read(token)).refusal?.err ?? 'taken';
const sign = (change: TokenChange) => of('ours').sign(sessionRevoked, subject, change);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('readSet', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('takes a token signed by %s', async (alg) => {
    const transmitter = await makeTestTransmitter(alg);
    const token = await transmitter.sign(sessionRevoked, subject, { claims: { jti: 'one' } });
    const { value } = await read(token, [of('other').publicKey, transmitter.publicKey]);
    expect(value).toMatchObject({ jti: 'one', subject, payload: {} });
  });

  it('finds the key of a token that names none', async () => {
    const keys = [of('other').publicKey, of('ours').publicKey];
    const token = await sign({ header: { kid: undefined } });
    expect((await read(token, keys)).refusal).toBeNull();
    const stranger = await makeTestTransmitter();
    const forged = await stranger.sign(sessionRevoked, subject, { header: { kid: undefined } });
    expect((await read(forged, keys)).refusal?.err).toBe('authentication_failed');
  });

  const second = 1000;
  const nowSeconds = () => Math.floor(Date.now() / second);
  const skewSeconds = limits.securityEventSkewMs / second;
  it.each<[string, string, () => TokenChange]>([
    ['of another issuer', 'invalid_issuer', () => ({ claims: { iss: 'https://other.example' } })],
    ['without an issuer', 'invalid_issuer', () => ({ claims: { iss: null } })],
    ['for another audience', 'invalid_audience', () => ({ claims: { aud: 'https://x.example' } })],
    ['without an audience', 'invalid_audience', () => ({ claims: { aud: null } })],
    ['for several, us among them', 'taken', () => ({ claims: { aud: ['x', testReceiver] } })],
    ['without an id', 'invalid_request', () => ({ claims: { jti: null } })],
    ['with an id of lines', 'invalid_request', () => ({ claims: { jti: 'a\u0000b' } })],
    ['with an id without end', 'invalid_request', () => ({ claims: { jti: 'x'.repeat(257) } })],
    ['without a time', 'invalid_request', () => ({ claims: { iat: null } })],
    [
      'of the future',
      'invalid_request',
      () => ({ claims: { iat: nowSeconds() + skewSeconds + 60 } }),
    ],
    ['of a clock that is ahead', 'taken', () => ({ claims: { iat: nowSeconds() + 60 } })],
    ['that ends', 'invalid_request', () => ({ claims: { exp: nowSeconds() + 3600 } })],
    ['with a sub, as an access token', 'invalid_request', () => ({ claims: { sub: 'payer' } })],
    ['without an event', 'invalid_request', () => ({ claims: { events: {} } })],
    ['with two events', 'invalid_request', () => ({ claims: { events: { 'urn:a': {}, b: {} } } })],
    ['whose event is a text', 'invalid_request', () => ({ claims: { events: { 'urn:a': 'x' } } })],
    ['of another type of token', 'invalid_request', () => ({ header: { typ: 'at+jwt' } })],
    ['of no type', 'invalid_request', () => ({ header: { typ: undefined } })],
    [
      'of the long form of its type',
      'taken',
      () => ({ header: { typ: 'application/secevent+jwt' } }),
    ],
    ['under an unknown key', 'invalid_key', () => ({ header: { kid: 'unknown' } })],
  ])('judges a token %s', async (_name, expected, change) => {
    expect(await errOf(await sign(change()))).toBe(expected);
  });

  it.each([limits.jsonDepthMax, 10_000, 20_000])(
    'refuses a token whose subject nests %i levels deep',
    async (depth) => {
      const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      const claims = { iss: testIssuer, aud: testReceiver, jti: 'deep', iat: nowSeconds() };
      const text = JSON.stringify({ ...claims, events: sessionRevoked, sub_id: null });
      const token = await new CompactSign(Buffer.from(text.replace('null', nested)))
        .setProtectedHeader({ alg: 'ES256', typ: 'secevent+jwt' })
        .sign(of('ours').privateKey);
      expect(await errOf(token)).toBe('invalid_request');
    },
  );

  it('refuses a token by another key under our key’s name', async () => {
    const header = { kid: of('ours').publicKey.kid };
    const token = await of('other').sign(sessionRevoked, subject, { header });
    expect(await errOf(token)).toBe('authentication_failed');
  });

  it('refuses a token whose payload was exchanged', async () => {
    const [header, , signature] = (await sign({})).split('.');
    const payload = encode({ iss: testIssuer, aud: testReceiver, jti: 'x', iat: 1 });
    expect(await errOf([header, payload, signature].join('.'))).toBe('authentication_failed');
  });

  it('refuses a token without a signature, and one whose secret is a public key', async () => {
    const [, payload] = (await sign({})).split('.');
    const none = encode({ alg: 'none', typ: 'secevent+jwt' });
    expect(await errOf(`${none}.${payload}.`)).toBe('invalid_key');
    const { kid } = of('ours').publicKey;
    const head = `${encode({ alg: 'HS256', typ: 'secevent+jwt', kid })}.${payload}`;
    const secret = JSON.stringify(of('ours').publicKey);
    const mac = createHmac('sha256', secret).update(head).digest('base64url');
    expect(await errOf(`${head}.${mac}`)).toBe('invalid_key');
  });

  it.each(['', 'x', 'a.b', 'a.b.c', '..', '{"a":1}', 'a.b.c.d.e', `${'x'.repeat(60_000)}.a.b`])(
    'refuses what is no token: %.20s',
    async (text) => {
      expect(await errOf(text)).toBe('invalid_request');
    },
  );
});

describe('readKeys', () => {
  const setOf = (...keys: object[]) => JSON.stringify({ keys });
  const ec = { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) };
  const rsa = { kty: 'RSA', e: 'AQAB', n: 'n'.repeat(342) };
  it.each<[string, string, number | null]>([
    ['two keys', setOf(ec, rsa), 2],
    ['others left out', setOf(ec, { ...ec, use: 'enc' }, { kty: 'EC', crv: 'P-521' }, {}), 1],
    ['RSA of 1,024 bits', setOf({ ...rsa, n: 'n'.repeat(171) }), null],
    ['a shared secret', setOf(ec, { kty: 'oct', k: 'c2VjcmV0' }), null],
    ['a private half', setOf({ ...ec, d: 'd'.repeat(43) }), null],
    ['no key', setOf(), null],
    ['more keys than are kept', setOf(...Array.from({ length: 21 }, () => ec)), null],
    ['no set', '[]', null],
    ['no JSON', '-----BEGIN PUBLIC KEY-----', null],
  ])('%s', (_name, text, count) => {
    expect(readKeys(text).keys?.length ?? null).toBe(count);
  });
});
