import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { liftStop } from '#server/gate/lift-stop.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { testChannelTools } from '#server/testing/channel-tools.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeCtx, makePerson, makeTenant, systemActor } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { makeRevocationScene, serveVaultStub } from '#server/testing/revocation-scene.ts';
import { addChannel } from './add-channel.ts';
import type { ChannelTools } from './channel-tools.ts';
import { createDeliverer } from './deliver.ts';
import { createEventKey } from './event-key.ts';
import { listChannels, listDeliveries } from './queries.ts';
import { removeChannel } from './remove-channel.ts';
import { retryDelivery } from './retry-delivery.ts';
import { routeAlerts } from './route-alerts.ts';
import { routeEvents } from './route-events.ts';
import { testChannel } from './test-channel.ts';

const bed = openTestDatabase();
const web = openTestWeb(bed);
const log = pino({ level: 'silent' });
const closing: (() => unknown)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

const caep = 'https://schemas.openid.net/secevent/caep/event-type';
const hangs = 0;

/** A receiver of RFC 8935 that keeps what it hears; its answer can be changed, `hangs` is none. */
async function startReceiver(status = 202) {
  const heard: { type: string; body: string }[] = [];
  const answer = { status, body: '' };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      heard.push({ type: String(request.headers['content-type']), body });
      if (answer.status !== hangs) response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hangUp = () => server.closeAllConnections();
  closing.push(hangUp, () => server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { heard, host, answer, hangUp };
}

/** A tenant with a receiver of its security events, a Vault, and an agent called `payer`. */
async function makeScene(status = 202) {
  const receiver = await startReceiver(status);
  const vault = await serveVaultStub('hvs.test', ['database/creds/app/1']);
  closing.push(() => vault.close());
  const scene = await makeRevocationScene(bed, [vault.host]);
  const viewer = makeCtx(
    bed.app,
    scene.tenant.id,
    await makePerson(bed, scene.tenant.id, ['viewer']),
  );
  const tools: ChannelTools = {
    ...testChannelTools,
    url: web.services.url,
    privateReceivers: new Set([receiver.host]),
  };
  const deliverer = createDeliverer({ db: bed.worker, log, tools });
  const addReceiver = () => addChannel(scene.admin, tools, inputTo(receiver.host));
  return {
    ...scene,
    receiver,
    vault,
    viewer,
    channelTools: tools,
    deliverer,
    channel: await addReceiver(),
    addReceiver,
    routes: makeCtx(bed.worker, scene.tenant.id, systemActor),
    sends: async () => {
      await deliverer.pass();
      await deliverer.idle();
    },
    waits: () => bed.admin`update deliveries set next_at = now()
      where tenant_id = ${uuidOf(scene.tenant.id)} and state = 'unconfirmed'`,
    stops: (level = 2) =>
      placeStop(scene.responder, {
        scope: { kind: 'agent', id: 'payer' },
        level,
        reason: 'looks hijacked',
      }),
    addCredential: async () => {
      const settings = { adapter: 'vault', address: vault.url, namespace: null } as const;
      const { id: providerId } = await scene.addAt('vault', settings, 'hvs.test');
      const externalRef = 'database/creds/app/1';
      return scene.add({ name: 'app database', kind: 'vault_lease', providerId, externalRef });
    },
  };
}

const inputTo = (host: string) =>
  ({ kind: 'caep', name: 'SIEM', target: `http://${host}/events?token=hidden` }) as const;

/** What a receiver does: the key from where the product publishes it, type, issuer and audience. */
async function verify(token: string | undefined, host: string) {
  const keys = createRemoteJWKSet(new URL(`${web.url}/.well-known/jwks.json`));
  const { payload, protectedHeader } = await jwtVerify(token ?? '', keys, {
    typ: 'secevent+jwt',
    issuer: web.services.url,
    audience: `http://${host}`,
    algorithms: ['RS256'],
  });
  expect(protectedHeader.kid).toBe((await testChannelTools.eventKey()).kid);
  return payload;
}

describe('a stop', () => {
  it('is told once, as the revoked sessions of its agent, signed by the published key', async () => {
    const { channel, payer, receiver, routes, stops, sends, viewer } = await makeScene();
    const stop = await stops();
    await Promise.all([routeEvents(routes), routeEvents(routes)]);
    await sends();
    await sends();
    expect(receiver.heard.map(({ type }) => type)).toEqual(['application/secevent+jwt']);
    const payload = await verify(receiver.heard[0]?.body, receiver.host);
    const [delivery] = await listDeliveries(viewer, { channelId: channel.id });
    expect(payload).toEqual({
      iss: web.services.url,
      aud: `http://${receiver.host}`,
      jti: delivery?.id,
      iat: Math.floor(Date.parse(delivery?.createdAt ?? '') / 1000),
      txn: stop.id,
      sub_id: { format: 'iss_sub', iss: web.services.url, sub: payer.agent?.id },
      events: {
        [`${caep}/session-revoked`]: {
          event_timestamp: Math.floor(Date.parse(stop.placedAt) / 1000),
          initiating_entity: 'admin',
          reason_admin: { en: 'looks hijacked' },
        },
      },
    });
    expect(delivery).toMatchObject({
      state: 'confirmed',
      lastAnswer: 'acknowledged (202)',
      alert: null,
      event: { type: 'session_revoked' },
    });
  });

  it('of level 1 leaves sessions alone, and is told when it is raised', async () => {
    const { receiver, stops, sends, tenant } = await makeScene();
    await stops(1);
    await sends();
    expect(receiver.heard).toEqual([]);
    // Long after anything that a look back by time would find.
    await bed.admin`update stops set acknowledged_at = now() - interval '1 day'
      where tenant_id = ${uuidOf(tenant.id)}`;
    await stops(3);
    await sends();
    expect(receiver.heard).toHaveLength(1);
  });

  it('that is lifted while no worker runs is told all the same', async () => {
    const { admin, receiver, stops, sends } = await makeScene();
    const { id } = await stops();
    await liftStop(admin, id, 'false alarm');
    await sends();
    expect(receiver.heard).toHaveLength(1);
  });

  it.each([
    ['the tenant', { kind: 'tenant' }, {}],
    ['an environment', { kind: 'environment', id: 'staging' }, { group: 'environment:staging' }],
    ['a session', { kind: 'session', id: 'run-7' }, { session: 'run-7' }],
  ] as const)('of %s names it, and the tenant', async (_name, scope, members) => {
    const { receiver, responder, sends, tenant } = await makeScene();
    await placeStop(responder, { scope, level: 2, reason: 'looks hijacked' });
    await sends();
    const opaque = (id: string) => ({ format: 'opaque', id });
    expect(decodeJwt(receiver.heard[0]?.body ?? '')['sub_id']).toEqual({
      format: 'complex',
      tenant: opaque(tenant.id),
      ...Object.fromEntries(Object.entries(members).map(([name, id]) => [name, opaque(id)])),
    });
  });

  it('of a tool ends no session', async () => {
    const { receiver, responder, sends } = await makeScene();
    const scope = { kind: 'tool', id: 'send_money' } as const;
    await placeStop(responder, { scope, level: 2, reason: 'looks hijacked' });
    await sends();
    expect(receiver.heard).toEqual([]);
  });

  it('that stands is told to a receiver that is added later, and other tenants hear nothing', async () => {
    const { addReceiver, receiver, stops, sends } = await makeScene();
    const other = await makeScene();
    await stops();
    await addReceiver();
    await sends();
    expect(receiver.heard).toHaveLength(2);
    expect(new Set(receiver.heard.map(({ body }) => decodeJwt(body).jti)).size).toBe(2);
    expect(other.receiver.heard).toEqual([]);
    expect(await listDeliveries(other.viewer, {})).toEqual([]);
  });
});

describe('a credential', () => {
  it('is told of as revoked when every part of it is proven dead, and not before', async () => {
    const { addCredential, receiver, revoke, sends, vault, work } = await makeScene();
    const { id } = await addCredential();
    vault.broken = 503;
    await revoke(id);
    await work();
    await sends();
    expect(receiver.heard).toEqual([]);
    vault.broken = null;
    await work(true);
    // Whoever does not ask takes a JWT of its leases for a minute still.
    const ofLeases = bed.admin`credential_id = ${uuidOf(id)} and target = 'leases'`;
    await bed.admin`update revocations set offline_until = clock_timestamp() + interval '1 minute'
      where ${ofLeases}`;
    await sends();
    expect(receiver.heard).toEqual([]);
    await bed.admin`update revocations set offline_until = clock_timestamp() where ${ofLeases}`;
    await sends();
    await sends();
    expect(receiver.heard).toHaveLength(1);
    const payload = await verify(receiver.heard[0]?.body, receiver.host);
    expect(payload).toMatchObject({
      txn: id,
      sub_id: { format: 'iss_sub', iss: web.services.url, sub: id },
      events: {
        [`${caep}/credential-change`]: {
          change_type: 'revoke',
          credential_type: 'vault_lease',
          friendly_name: 'app database',
          reason_admin: { en: 'leaked' },
        },
      },
    });
    expect(Object.keys(payload)).not.toEqual(expect.arrayContaining(['exp']));
    expect(Object.keys(payload)).not.toEqual(expect.arrayContaining(['sub']));
  });
});

describe('a receiver', () => {
  it.each([
    ['another 2xx', 200, '', 'answered 200, which acknowledges nothing'],
    ['an error', 500, '', 'answered 500, which acknowledges nothing'],
    [
      'what is wrong',
      400,
      '{"err":"invalid_key","description":"<b>hello</b>"}',
      'refused it: invalid_key (400)',
    ],
    ['no error code', 400, '{"err":"<b>hello</b>"}', 'answered 400, which acknowledges nothing'],
    ['without end', 400, 'x'.repeat(100_000), 'answered 400, which acknowledges nothing'],
  ])('that answers %s has nothing until it says 202', async (_name, status, body, lastAnswer) => {
    const { receiver, sends, stops, viewer, waits } = await makeScene(status);
    receiver.answer.body = body;
    await stops();
    await sends();
    expect(await listDeliveries(viewer, {})).toMatchObject([
      { state: 'unconfirmed', attempts: 1, lastAnswer, confirmedAt: null },
    ]);
    receiver.answer.status = 202;
    await waits();
    await sends();
    expect(await listDeliveries(viewer, {})).toMatchObject([{ state: 'confirmed', attempts: 2 }]);
    // The very same token, so that it is dropped where it was taken after all.
    expect(receiver.heard[1]).toEqual(receiver.heard[0]);
  });

  it('that hangs has nothing', async () => {
    const { deliverer, receiver, stops, viewer } = await makeScene(hangs);
    await stops();
    await deliverer.pass();
    await expect.poll(() => receiver.heard.length).toBe(1);
    expect(await listDeliveries(viewer, {})).toMatchObject([{ state: 'unconfirmed' }]);
    receiver.hangUp();
    await deliverer.idle();
    expect(await listDeliveries(viewer, {})).toMatchObject([
      { state: 'unconfirmed', lastAnswer: 'no connection (ECONNRESET)' },
    ]);
  });

  it('in a private network is never reached, given up visibly, and sent again on demand', async () => {
    const { admin, channelTools, receiver, responder, stops, viewer, tenant } = await makeScene();
    await stops();
    const tools = { ...channelTools, privateReceivers: new Set<string>() };
    const deliverer = createDeliverer({ db: bed.worker, log, tools });
    await deliverer.pass();
    await deliverer.idle();
    expect(receiver.heard).toEqual([]);
    const [dead] = await listDeliveries(viewer, {});
    expect(dead?.state).toBe('dead');
    expect(dead?.lastAnswer).toContain('private network');
    const [row] = await bed.admin`select cause from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'delivery.dead'`;
    expect(row?.['cause']).toMatch(/^stp_/);
    await expect(retryDelivery(viewer, dead?.id ?? '')).rejects.toMatchObject({
      code: 'forbidden',
    });
    await retryDelivery(responder, dead?.id ?? '');
    await expect(addChannel(admin, tools, inputTo(receiver.host))).rejects.toThrow(/https only/);
  });

  it('is added by an administrator alone, tested by a verification event, and hears no alerts', async () => {
    const { admin, channel, channelTools, receiver, routes, sends, viewer } = await makeScene();
    expect(channel.secret).toBeNull();
    await expect(addChannel(viewer, channelTools, inputTo(receiver.host))).rejects.toMatchObject({
      code: 'forbidden',
    });
    const stranger = makeCtx(bed.app, (await makeTenant(bed)).id, admin.actor);
    await expect(removeChannel(stranger, channel.id)).rejects.toMatchObject({ code: 'not_found' });
    const [ruleId, alertId] = [newId('rule'), newId('alert')];
    const tenant = uuidOf(admin.tenantId);
    await bed.admin`insert into rules (tenant_id, id, slug, title, severity, state, source, origin)
      values (${tenant}, ${uuidOf(ruleId)}, 'r', 'r', 'low', 'enabled', '', 'custom')`;
    await bed.admin`insert into alerts (tenant_id, id, rule_id, rule_version, group_key, severity,
        state, title, explanation, trace_ids, labels, first_at, last_at, count, opened_at)
      values (${tenant}, ${uuidOf(alertId)}, ${uuidOf(ruleId)}, 1, '', 'critical', 'open', 'title',
        '{}', '{}', '{}', now(), now(), 1, now())`;
    expect(await routeAlerts(routes)).toBe(0);
    const { id } = await testChannel(admin, channel.id);
    await sends();
    const payload = await verify(receiver.heard[0]?.body, receiver.host);
    expect(payload).toMatchObject({
      jti: id,
      sub_id: { format: 'opaque', id: channel.id },
      events: {
        'https://schemas.openid.net/secevent/ssf/event-type/verification': { state: id },
      },
    });
    expect(await listChannels(viewer)).toMatchObject([
      { kind: 'caep', target: `http://${receiver.host}`, severityMin: null, unconfirmed: 0 },
    ]);
    expect(receiver.heard).toHaveLength(1);
  });
});

describe('the event key', () => {
  it('is the same from the same secret, in every version, and another from another', async () => {
    const key = await createEventKey(new Uint8Array(32).fill(7));
    expect(key.kid).toBe('P-xvo2zqVOMgoBkzNqbxRq9RG7Nr8ZMKgo30LhBWvXQ');
    expect(key.privateKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect(Object.keys(key.publicJwk).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect((await createEventKey(new Uint8Array(32).fill(8))).kid).not.toBe(key.kid);
  });

  it('is found by what the product says of itself as a transmitter', async () => {
    const answer = await fetch(`${web.url}/.well-known/ssf-configuration`);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toEqual({
      spec_version: '1_0',
      issuer: web.services.url,
      jwks_uri: `${web.services.url}/.well-known/jwks.json`,
      delivery_methods_supported: ['urn:ietf:rfc:8935'],
      default_subjects: 'ALL',
    });
  });
});
