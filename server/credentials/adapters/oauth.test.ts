import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeRevocationScene } from '#server/testing/revocation-scene.ts';

const bed = openTestDatabase();
const clientId = 'broker:one';
const clientSecret = 'a secret with % and +';
const api = 'urn:test:api';
const server: { url: string; host: string; close: () => Promise<void> } = {
  url: '',
  host: '',
  close: async () => undefined,
};

/** A real authorisation server: opaque tokens, and JWTs for the resource `api`. */
beforeAll(async () => {
  const http = createServer();
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  const provider = new Provider(`http://${host}`, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    scopes: ['read'],
    ttl: { ClientCredentials: 600 },
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        getResourceServerInfo: () => ({ scope: 'read', accessTokenFormat: 'jwt' }),
      },
    },
  });
  const answer = provider.callback();
  http.on('request', (request, response) => void answer(request, response));
  const close = () =>
    new Promise<void>((done) => {
      http.close(() => done());
      http.closeAllConnections();
    });
  Object.assign(server, { url: `http://${host}`, host, close });
});
afterAll(() => server.close());

const authorization = `Basic ${Buffer.from(
  [clientId, clientSecret]
    .map((text) => new URLSearchParams({ x: text }).toString().slice(2))
    .join(':'),
).toString('base64')}`;
const post = async (path: string, form: Record<string, string>) => {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams(form),
  });
  return (await answer.json()) as Record<string, unknown>;
};
const issue = async (form: Record<string, string> = {}) => {
  const answer = await post('/token', { grant_type: 'client_credentials', ...form });
  expect(answer).toMatchObject({ access_token: expect.any(String) });
  return String(answer['access_token']);
};

async function makeScene(change: { introspectUrl?: string | null; secret?: string } = {}) {
  const scene = await makeRevocationScene(bed, [server.host]);
  const provider = await scene.addAt(
    'authorisation server',
    {
      adapter: 'oauth',
      revokeUrl: `${server.url}/token/revocation`,
      introspectUrl:
        change.introspectUrl === undefined
          ? `${server.url}/token/introspection`
          : change.introspectUrl,
      clientId,
    },
    change.secret ?? clientSecret,
  );
  const addToken = (secret: string, kind: 'access_token' | 'jwt' = 'access_token') =>
    scene.add({ name: secret.slice(-20), kind, secret, providerId: provider.id });
  return { ...scene, addToken };
}

describe('a revocation at a real authorisation server (RFC 7009, RFC 7662)', () => {
  it('of an opaque token is proven: active before, inactive after', async () => {
    const scene = await makeScene();
    const token = await issue();
    expect(await post('/token/introspection', { token })).toMatchObject({ active: true });
    const { id } = await scene.addToken(token);
    await scene.revoke(id);
    await scene.work();
    expect(await scene.revocationOf(id)).toMatchObject({
      state: 'verified',
      ladder: ['requested requested', 'probed_before live', 'sent confirmed', 'probed dead'],
    });
    expect(await post('/token/introspection', { token })).toEqual({ active: false });
  });

  it('of a JWT is unverifiable, with the last second at which it may live', async () => {
    const scene = await makeScene();
    const token = await issue({ resource: api, scope: 'read' });
    expect(token.split('.')).toHaveLength(3);
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      exp: number;
    };
    const { id } = await scene.addToken(token, 'jwt');
    await scene.revoke(id);
    await scene.work();
    const made = await scene.revocationOf(id);
    expect(made).toMatchObject({ state: 'unverifiable', verified_at: null });
    expect(made.last_valid_at?.getTime()).toBe(exp * 1000);
  });

  it('of a token that it never knew proves nothing, though it answers 200', async () => {
    const scene = await makeScene();
    const { id } = await scene.addToken('never-issued-by-anybody');
    await scene.revoke(id);
    await scene.work();
    expect(await scene.revocationOf(id)).toMatchObject({
      state: 'unverifiable',
      ladder: ['requested requested', 'probed_before dead', 'sent confirmed', 'probed dead'],
    });
  });

  it('is unverifiable where nobody can be asked', async () => {
    const scene = await makeScene({ introspectUrl: null });
    const { id } = await scene.addToken(await issue());
    await scene.revoke(id);
    await scene.work();
    expect(await scene.revocationOf(id)).toMatchObject({ state: 'unverifiable' });
  });

  it('fails with a wrong client secret, and the token lives on', async () => {
    const scene = await makeScene({ secret: 'wrong' });
    const token = await issue();
    const { id } = await scene.addToken(token);
    await scene.revoke(id);
    await scene.work();
    expect(await scene.revocationOf(id)).toMatchObject({ state: 'failed', verified_at: null });
    expect(await post('/token/introspection', { token })).toMatchObject({ active: true });
  });
});
