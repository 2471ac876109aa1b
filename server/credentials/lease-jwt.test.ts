import { createHash, createHmac } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { redeemPermit } from '#server/actions/redeem-permit.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { createPermitKey } from '#server/permits/permit-key.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { ask as askAction } from '#server/testing/hold-scene.ts';
import { makeHoldTools } from '#server/testing/hold-tools.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { makeLeaseScene, testLeaseTools } from '#server/testing/lease-scene.ts';
import { makeRevocationScene } from '#server/testing/revocation-scene.ts';
import { countLeases } from './count-leases.ts';
import { withRead } from '#server/kernel/context.ts';
import { endOwnLease, endOwnToken } from './end-lease.ts';
import { leaseJwtType } from './lease-jwt.ts';
import { listCredentials, readCredential } from './queries.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);

type Scene = Awaited<ReturnType<typeof makeLeaseScene>>;
const takeJwt = ({ take, payer }: Pick<Scene, 'take' | 'payer'>, change = {}) =>
  take(payer.ctx, { tokenFormat: 'jwt', ...change });

/** As a tool does that knows nothing of us but the address of our keys. */
const verifyElsewhere = (token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${served.url}/.well-known/jwks.json`)), {
    issuer: testLeaseTools.issuer,
    audience: 'read_file',
    typ: leaseJwtType,
    algorithms: ['EdDSA'],
    requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
  });

/** Another token in the place of a lease's: its row is live, so only the token can be refused. */
const putInPlace = (leaseId: string, token: string) =>
  bed.admin`update leases set token_hash = ${createHash('sha256').update(token).digest()}
    where id = ${uuidOf(leaseId)}`;

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a lease as a JWT', () => {
  it('is verified by jose with our published keys alone, and lives as its row does', async () => {
    const scene = await makeLeaseScene(bed);
    const { id, token, expiresAt } = await takeJwt(scene, { scopes: ['read', 'list'] });
    const { payload, protectedHeader } = await verifyElsewhere(token);
    const { kid } = await createPermitKey(served.services.secrets.permitKey);
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid, typ: 'at+jwt' });
    expect(payload).toEqual({
      iss: 'http://127.0.0.1',
      sub: scene.payer.agent?.id,
      client_id: 'payer',
      aud: 'read_file',
      tool: 'read_file',
      scope: 'read list',
      jti: id,
      ten: scene.tenant.id,
      iat: expect.any(Number),
      exp: Date.parse(expiresAt) / 1000,
    });
    const told = await scene.ask(token);
    expect(told).toMatchObject({ active: true, jti: id, scope: 'read list', exp: payload.exp });
    const rows = await bed.admin`select l::text as text, token_format from leases l
      where id = ${uuidOf(id)}`;
    expect(rows[0]).toMatchObject({ token_format: 'jwt' });
    expect(rows[0]?.['text']).not.toContain(token);
    const opaque = await scene.take();
    expect(opaque.token).toMatch(/^sbl_/);
  });

  it('lives minutes at most, and never past its credential', async () => {
    const scene = await makeLeaseScene(bed);
    const credential = await scene.add({ name: 'long', tool: 'write_file', leaseSecondsMax: 3600 });
    const ofTool = { tool: 'write_file', ttlSeconds: 3600 };
    const life = async () => {
      const [, payload = ''] = (await takeJwt(scene, ofTool)).token.split('.');
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
        iat: number;
        exp: number;
      };
    };
    const { iat, exp } = await life();
    expect(exp - iat).toBe(limits.jwtLeaseSecondsMax);
    const [end] = await bed.admin<{ s: number }[]>`update credentials
      set expires_at = clock_timestamp() + interval '60 s' where id = ${uuidOf(credential.id)}
      returning floor(extract(epoch from expires_at))::float8 as s`;
    expect((await life()).exp).toBe(end?.s);
    // In its last second, or past it where that second is over by now: no token is dead on arrival.
    await bed.admin`update credentials set expires_at =
      date_trunc('second', clock_timestamp()) + interval '999 ms' where id = ${uuidOf(credential.id)}`;
    await expect(life()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is refused where its scopes make it longer than an introspection takes', async () => {
    const scene = await makeLeaseScene(bed);
    const scopes = Array.from({ length: 20 }, (_, at) => `${at}`.padEnd(200, 'x'));
    await scene.add({ name: 'wide', tool: 'write_file', scopes });
    await expect(takeJwt(scene, { tool: 'write_file', scopes })).rejects.toMatchObject({
      code: 'unprocessable',
    });
    await expect(scene.take(scene.payer.ctx, { tool: 'write_file', scopes })).resolves.toBeTruthy();
  });

  it('is dead here once it is given back, and says until when it is taken elsewhere', async () => {
    const scene = await makeLeaseScene(bed);
    const [first, second] = [await takeJwt(scene), await takeJwt(scene)];
    const ended = await endOwnLease(scene.payer.ctx, first.id);
    expect(ended).toEqual({ id: first.id, active: false, offlineUntil: first.expiresAt });
    expect(await endOwnLease(scene.payer.ctx, first.id)).toEqual(ended);
    await endOwnToken(scene.payer.ctx, testLeaseTools, second.token);
    for (const { token } of [first, second]) {
      expect(await scene.ask(token)).toEqual({ active: false });
      await expect(verifyElsewhere(token)).resolves.toBeTruthy();
    }
    const opaque = await scene.take();
    expect(await endOwnLease(scene.payer.ctx, opaque.id)).toMatchObject({ offlineUntil: null });
  });

  it('is told live to nobody of another tenant, nor under a stop', async () => {
    const scene = await makeLeaseScene(bed);
    const stranger = await makeLeaseScene(bed);
    const { token } = await takeJwt(scene);
    expect(await stranger.ask(token)).toEqual({ active: false });
    const scope = { kind: 'agent', id: 'payer' } as const;
    await placeStop(scene.responder, { scope, level: 1, reason: 'test' });
    expect(await scene.ask(token)).toEqual({ active: false });
  });
});

describe('what is no lease of ours', () => {
  const claimsOf = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
  const foreign = createPermitKey(new Uint8Array(32).fill(77));

  it.each<[string, (token: string) => string | Promise<string>]>([
    ['the typ of a permit', (token) => signAs('signalbox-permit+jwt', token)],
    ['the typ of any JWT', (token) => signAs('JWT', token)],
    ['another issuer', (token) => signAs(leaseJwtType, token, { iss: 'https://other.example' })],
    ['a claim more', (token) => signAs(leaseJwtType, token, { admin: true })],
    ['a claim less', (token) => signAs(leaseJwtType, token, { sub: undefined })],
    [
      'another key',
      async (token) => (await foreign).signAs(leaseJwtType, claimsOf(token) as never),
    ],
    [
      'another key under our kid',
      async (token) => {
        const [header = ''] = token.split('.');
        const [, payload = '', signature = ''] = (await foreign)
          .signAs(leaseJwtType, claimsOf(token) as never)
          .split('.');
        return `${header}.${payload}.${signature}`;
      },
    ],
    [
      'another kid',
      (token) => {
        const [, payload = '', signature = ''] = token.split('.');
        const header = { ...decodeProtectedHeader(token), kid: 'other' };
        return `${encode(header)}.${payload}.${signature}`;
      },
    ],
    [
      'the algorithm none',
      (token) => `${encode({ alg: 'none', typ: leaseJwtType })}.${token.split('.')[1]}.`,
    ],
    [
      'our public key as a secret of HS256',
      (token) => {
        const kid = decodeProtectedHeader(token).kid;
        const signed = `${encode({ alg: 'HS256', kid, typ: leaseJwtType })}.${token.split('.')[1]}`;
        const mac = createHmac('sha256', JSON.stringify({ kid })).update(signed);
        return `${signed}.${mac.digest('base64url')}`;
      },
    ],
  ])('%s is not introspected, though its row would be live', async (_name, forge) => {
    const scene = await makeLeaseScene(bed);
    const { id, token } = await takeJwt(scene);
    const forged = await forge(token);
    await putInPlace(id, forged);
    expect(await scene.ask(forged)).toEqual({ active: false });
    // The row itself speaks for the token that we signed.
    await putInPlace(id, token);
    expect(await scene.ask(token)).toMatchObject({ active: true });
  });

  const signAs = (type: string, token: string, change = {}) =>
    testLeaseTools.permitKey.signAs(
      type,
      JSON.parse(JSON.stringify({ ...claimsOf(token), ...change })) as Record<string, unknown>,
    );

  it('a permit is no lease, and a lease no permit', async () => {
    const scene = await makeLeaseScene(bed);
    await bed.admin`insert into tools (tenant_id, id, name, reversibility, sensitivity, blast_radius,
        effect_class) values (${uuidOf(scene.tenant.id)}, ${uuidOf(newId('tool'))}, 'read_file',
        0, 0, 0, 'read')`;
    const tools = await makeHoldTools();
    const { permit } = await askAction({ agentCtx: scene.payer.ctx, tools }, { tool: 'read_file' });
    const { id, token } = await takeJwt(scene);
    await putInPlace(id, permit ?? '');
    expect(await scene.ask(permit ?? '')).toEqual({ active: false });
    await expect(
      redeemPermit(scene.payer.ctx, tools, { permit: token, args: {} }, null),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the revocation of a credential with a JWT lease', () => {
  it('is verified by introspection, and nobody calls the credential dead before the last second', async () => {
    const scene = await makeRevocationScene(bed, []);
    const { id: credentialId } = scene.credential;
    await bed.admin`update credentials set provider_id = null where id = ${uuidOf(credentialId)}`;
    const opaqueOnly = await scene.add({ name: 'opaque', tool: 'write_file' });
    await scene.take(scene.payer.ctx, { tool: 'write_file' });
    await takeJwt(scene);
    const last = await takeJwt(scene);
    await endOwnLease(scene.payer.ctx, last.id);
    await scene.revoke(credentialId);
    await scene.revoke(opaqueOnly.id);
    await scene.work();
    const own = await scene.revocationOf(credentialId, 'leases');
    expect(own.state).toBe('verified');
    expect(own.says).toMatch(/none of them live\. Whoever checks a JWT .* until .* UTC\.$/);
    await verifyElsewhere(last.token);
    // Only the parts here are looked at: nobody knows where these were made.
    await bed.admin`delete from revocation_steps where revocation_id in
      (select id from revocations where target = 'provider')`;
    await bed.admin`delete from revocations where target = 'provider'`;
    const shown = await readCredential(scene.admin, credentialId);
    expect(shown).toMatchObject({
      state: 'unproven',
      offlineUntil: last.expiresAt,
      revocations: [{ target: 'leases', state: 'verified', offlineUntil: last.expiresAt }],
    });
    expect(await readCredential(scene.admin, opaqueOnly.id)).toMatchObject({
      state: 'revoked',
      offlineUntil: null,
      revocations: [{ offlineUntil: null }],
    });
    const agentId = scene.payer.agent?.id ?? '';
    const count = () =>
      withRead(scene.admin, (tx) => countLeases(tx, scene.admin, [agentId])).then((all) =>
        all?.get(agentId),
      );
    expect(await count()).toMatchObject({ live: 0, offlineUntil: last.expiresAt });
    // Its last second is over.
    await bed.admin`update leases set expires_at = clock_timestamp()`;
    await bed.admin`update revocations set offline_until = clock_timestamp()`;
    const listed = await listCredentials(scene.admin, { limit: 10, cursor: null });
    expect(listed.items.map(({ state, offlineUntil }) => [state, offlineUntil])).toEqual([
      ['revoked', null],
      ['revoked', null],
    ]);
    expect(await count()).toBeUndefined();
  });
});
