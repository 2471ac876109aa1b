import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventKey } from '#server/notifications/event-key.ts';
import { createProviderSender } from '#server/credentials/provider-request.ts';
import { acceptPush } from '#server/notifications/receive/accept-push.ts';
import { createKeysOf } from '#server/notifications/receive/transmitter-keys.ts';
import { addTransmitter } from '#server/notifications/receive/add-transmitter.ts';
import { listReceivedEvents } from '#server/notifications/receive/queries.ts';
import { removeTransmitter } from '#server/notifications/receive/remove-transmitter.ts';
import { composeEvent } from '#server/notifications/compose-event.ts';
import { newId } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { makeLeaseScene } from '#server/testing/lease-scene.ts';
import {
  makeTestTransmitter,
  sessionRevoked,
  testIssuer,
  type TestTransmitter,
} from '#server/testing/test-transmitter.ts';

const bed = openTestDatabase();
const web = openTestWeb(bed);
const payer = { format: 'opaque', id: 'payer' };
const closing: (() => unknown)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

const keys: { transmitter?: TestTransmitter } = {};
beforeAll(async () => {
  keys.transmitter = await makeTestTransmitter('RS256');
});
const transmitter = () => {
  if (keys.transmitter === undefined) throw new Error('the keys are not made yet');
  return keys.transmitter;
};

/** A tenant with an agent that holds a lease, and a registered transmitter that pushes. */
async function makeScene(publicKey: object = transmitter().publicKey) {
  const scene = await makeLeaseScene(bed);
  const pasted = JSON.stringify({ keys: [publicKey] });
  const input = { from: 'pasted', name: 'IdP', issuer: testIssuer, keys: pasted } as const;
  const { id } = await addTransmitter(scene.admin, new Set(), input);
  const push = (
    token: string | Uint8Array<ArrayBuffer>,
    change: { id?: string; headers?: Record<string, string> } = {},
  ) =>
    fetch(`${web.url}/api/v1/security-events/${change.id ?? id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/secevent+jwt', ...change.headers },
      body: token,
    });
  const { token } = await scene.take();
  const isLive = async () => (await scene.ask(token)).active;
  const events = () => listReceivedEvents(scene.admin);
  return { ...scene, id, push, isLive, events };
}

const errOf = async (answer: Response) => {
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(answer.headers.get('content-language')).toBe('en');
  const body = (await answer.json()) as { err: string; description: string };
  expect(Object.keys(body)).toEqual(['err', 'description']);
  return body.err;
};

describe('a push', () => {
  it('is acknowledged by 202 and nothing else, done and on record', async () => {
    const { events, isLive, push } = await makeScene();
    const answer = await push(await transmitter().sign(sessionRevoked, payer));
    expect([answer.status, await answer.text()]).toEqual([202, '']);
    expect(await isLive()).toBe(false);
    expect(await events()).toMatchObject([{ outcome: 'confirmed', targetId: 'payer' }]);
  });

  it('that is repeated is acknowledged again, and does nothing again', async () => {
    const { ask, events, push, take } = await makeScene();
    const set = await transmitter().sign(sessionRevoked, payer);
    expect((await push(set)).status).toBe(202);
    const { token } = await take();
    expect((await push(set)).status).toBe(202);
    expect(await ask(token)).toMatchObject({ active: true });
    expect(await events()).toHaveLength(1);
  });

  it('may be gzip', async () => {
    const { isLive, push } = await makeScene();
    const set = gzipSync(await transmitter().sign(sessionRevoked, payer));
    const answer = await push(Uint8Array.from(set), { headers: { 'content-encoding': 'gzip' } });
    expect(answer.status).toBe(202);
    expect(await isLive()).toBe(false);
  });

  it('of another Signalbox is understood as it was written there', async () => {
    const key = await createEventKey(new Uint8Array(32).fill(9));
    const { admin, events, payer: agent, isLive } = await makeScene();
    const pasted = JSON.stringify({ keys: [key.publicJwk] });
    const { id } = await addTransmitter(admin, new Set(), {
      from: 'pasted',
      name: 'Ours',
      issuer: web.services.url,
      keys: pasted,
    });
    const message = await composeEvent(
      {
        deliveryId: newId('delivery'),
        channelId: newId('channel'),
        tenantId: admin.tenantId,
        issuer: web.services.url,
        createdAt: new Date().toISOString(),
        event: {
          type: 'session_revoked',
          stopId: newId('stop'),
          scopeKind: 'agent',
          scopeId: agent.agent?.id ?? '',
          reason: 'looks hijacked',
          placedBy: 'person',
          at: new Date().toISOString(),
        },
      },
      `${web.services.url}/api/v1/security-events/${id}`,
      key,
    );
    const { body, headers } = message;
    const answer = await fetch(`${web.url}/api/v1/security-events/${id}`, {
      method: 'POST',
      body,
      headers,
    });
    expect(answer.status).toBe(202);
    expect(await isLive()).toBe(false);
    expect(await events()).toMatchObject([
      { transmitter: 'Ours', outcome: 'confirmed', reason: 'looks hijacked' },
    ]);
  });

  it('is refused as RFC 8935 has it, and does nothing', async () => {
    const { events, id, isLive, push } = await makeScene();
    const foreign = await makeScene();
    const good = await transmitter().sign(sessionRevoked, payer);
    const forger = await makeTestTransmitter('RS256');
    const signed = (claims: object) =>
      transmitter().sign(sessionRevoked, payer, { claims: { ...claims } });
    const forged = await forger.sign(sessionRevoked, payer, {
      header: { kid: transmitter().publicKey.kid },
    });
    const header = { 'content-type': 'application/json' };
    expect(await errOf(await push(good, { headers: header }))).toBe('invalid_request');
    expect(await errOf(await push(''))).toBe('invalid_request');
    expect(await errOf(await push('{"iss":"x"}'))).toBe('invalid_request');
    expect(await errOf(await push(good, { headers: { 'content-encoding': 'gzip' } }))).toBe(
      'invalid_request',
    );
    expect(await errOf(await push(forged))).toBe('authentication_failed');
    expect(await errOf(await push(await forger.sign(sessionRevoked, payer)))).toBe('invalid_key');
    expect(await errOf(await push(await signed({ iss: 'https://x.example' })))).toBe(
      'invalid_issuer',
    );
    expect(await errOf(await push(await signed({ aud: 'https://x.example' })))).toBe(
      'invalid_audience',
    );
    // Addressed to one transmitter's door alone: no other takes it, though its keys are the same.
    const own = await signed({ aud: `${web.services.url}/api/v1/security-events/${foreign.id}` });
    expect(await errOf(await push(own))).toBe('invalid_audience');
    for (const nobody of [newId('transmitter'), newId('channel'), 'x', 'x'.repeat(500)]) {
      expect(await errOf(await push(good, { id: nobody }))).toBe('access_denied');
    }
    expect(await isLive()).toBe(true);
    expect(await events()).toEqual([]);
    expect(id).not.toBe(foreign.id);
  });

  it('of a transmitter that was removed is refused', async () => {
    const { admin, id, isLive, push } = await makeScene();
    await removeTransmitter(admin, id);
    const set = await transmitter().sign(sessionRevoked, payer);
    expect(await errOf(await push(set))).toBe('access_denied');
    expect(await isLive()).toBe(true);
  });

  it('that is too large is refused unread', async () => {
    const { push } = await makeScene();
    const answer = await push('x'.repeat(70_000));
    expect(answer.status).toBe(413);
    const bomb = Uint8Array.from(gzipSync('x'.repeat(5_000_000)));
    expect((await push(bomb, { headers: { 'content-encoding': 'gzip' } })).status).toBe(413);
  });
});

describe('keys that are fetched', () => {
  it('are asked for at the address that was registered, and only where that may be', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(JSON.stringify({ keys: [transmitter().publicKey] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { admin, push, isLive } = await makeScene();
    const input = { from: 'fetched', name: 'IdP', issuer: testIssuer } as const;
    const keysUrl = `http://${host}/jwks`;
    const { id } = await addTransmitter(admin, new Set([host]), { ...input, keysUrl });
    const keysOf = createKeysOf(createProviderSender(new Set([host])));
    const tools = { db: bed.app, url: web.services.url, keysOf, count: async () => undefined };
    const unknown = await makeTestTransmitter('RS256');
    const pushed = { transmitterId: id, requestId: 'req' };
    const forged = await unknown.sign(sessionRevoked, payer);
    expect(await acceptPush(tools, { ...pushed, token: forged })).toMatchObject({
      err: 'invalid_key',
    });
    expect(await isLive()).toBe(true);
    const token = await transmitter().sign(sessionRevoked, payer);
    expect(await acceptPush(tools, { ...pushed, token })).toBeNull();
    expect([await isLive(), asked]).toEqual([false, ['/jwks']]);
    // The web of this test was told of no such inner host.
    const answer = await push(await transmitter().sign(sessionRevoked, payer), { id });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(asked).toEqual(['/jwks']);
  });
});
