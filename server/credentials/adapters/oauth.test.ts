import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase } from '#server/testing/database.ts';
import { type OauthProvider, serveOauthProvider } from '#server/testing/oauth-provider.ts';
import { makeRevocationScene } from '#server/testing/revocation-scene.ts';

const bed = openTestDatabase();
let server: OauthProvider;
beforeAll(async () => {
  server = await serveOauthProvider();
});
afterAll(() => server.close());

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
      clientId: server.clientId,
    },
    change.secret ?? server.clientSecret,
  );
  const addToken = (secret: string, kind: 'access_token' | 'jwt' = 'access_token') =>
    scene.add({ name: secret.slice(-20), kind, secret, providerId: provider.id });
  return { ...scene, addToken };
}

describe('a revocation at a real authorisation server (RFC 7009, RFC 7662)', () => {
  it('of an opaque token is proven: active before, inactive after', async () => {
    const scene = await makeScene();
    const token = await server.issue('opaque');
    expect(await server.post('/token/introspection', { token })).toMatchObject({ active: true });
    const { id } = await scene.addToken(token);
    await scene.revoke(id);
    await scene.work();
    expect(await scene.revocationOf(id)).toMatchObject({
      state: 'verified',
      ladder: ['requested requested', 'probed_before live', 'sent confirmed', 'probed dead'],
    });
    expect(await server.post('/token/introspection', { token })).toEqual({ active: false });
  });

  it('of a JWT is unverifiable, with the last second at which it may live', async () => {
    const scene = await makeScene();
    const token = await server.issue('jwt');
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
    const { id } = await scene.addToken(await server.issue('opaque'));
    await scene.revoke(id);
    await scene.work();
    expect(await scene.revocationOf(id)).toMatchObject({ state: 'unverifiable' });
  });

  it('fails with a wrong client secret, and the token lives on', async () => {
    const scene = await makeScene({ secret: 'wrong' });
    const token = await server.issue('opaque');
    const { id } = await scene.addToken(token);
    await scene.revoke(id);
    await scene.work();
    expect(await scene.revocationOf(id)).toMatchObject({ state: 'failed', verified_at: null });
    expect(await server.post('/token/introspection', { token })).toMatchObject({ active: true });
  });
});
