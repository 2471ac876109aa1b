import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { placeStop } from '#server/gate/place-stop.ts';
import { setStopFile } from '#server/gate/stop-file.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { createLog } from '#server/kernel/log.ts';
import { createControlSignals } from '#server/live/control-signals.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { createControlHub } from './control-hub.ts';

const bed = openTestDatabase();
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** More than a client may leave unread, as frames that came before. */
const unreadText = `: ${'x'.repeat(limits.controlBufferBytesMax)}\n`;

/** The response of one client: `isReading` false leaves everything unread, as a full socket does. */
function makeResponse(isReading = true) {
  const texts: string[] = [];
  const writable = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      texts.push(chunk.toString());
      if (isReading) done();
      else unread.push(done);
    },
  });
  const unread: (() => void)[] = [];
  const response = Object.assign(writable, { writeHead: () => writable });
  return {
    response: response as unknown as ServerResponse,
    writable,
    /** Types of the frames that reached the client, in order; a ping comes when its time has come. */
    events: () =>
      [...texts.join('').matchAll(/^event: (.*)$/gm)]
        .map((match) => match[1])
        .filter((event) => event !== 'ping'),
    text: () => texts.join(''),
    /** The client begins to read: what waits reaches it. */
    read: () => {
      isReading = true;
      for (const done of unread.splice(0)) done();
    },
  };
}

async function makeScene(answerMs?: number) {
  const tenant = await makeTenant(bed);
  const agents: Ctx[] = [];
  for (const slug of ['a', 'b', 'c', 'd']) {
    const agent = await makeAgent(bed, tenant.id, slug);
    agents.push(makeCtx(bed.app, tenant.id, keyActor('agent', agent)));
  }
  const responder = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  const log = createLog('fatal', 'test');
  const signals = createControlSignals(bed.app.$client, log);
  const hub = createControlHub(signals, log, answerMs);
  closing.push(() => signals.close(), hub.close);
  // A stream that is open before the changes are heard begins afresh; that is another test's.
  await new Promise<void>((resolve) => {
    const leave = signals.subscribe(tenant.id, () => {
      leave();
      resolve();
    });
  });
  const delivered = async (stopId: string) =>
    bed.admin<{ instance_id: string; n: number }[]>`
      select instance_id, count(*)::int as n from stop_receipts
      where tenant_id = ${uuidOf(tenant.id)} and stop_id = ${uuidOf(stopId)} group by instance_id`;
  const stop = () => placeStop(responder, { scope: { kind: 'tenant' }, level: 1, reason: 'test' });
  return { tenant, agents, hub, delivered, stop };
}

describe('the control hub', () => {
  it('tells a thousand streams of a stop once each, and notes each delivery', async () => {
    const { agents, hub, delivered, stop } = await makeScene();
    const clients = Array.from({ length: 1000 }, () => makeResponse());
    const left = [...clients.entries()];
    const openSome = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const [index, client] = next;
        const ctx = agents[index % agents.length];
        if (ctx) await hub.open(ctx, `pod-${index}`, null, client.response);
      }
    };
    await Promise.all(Array.from({ length: 8 }, openSome));
    const { id } = await stop();
    await expect
      .poll(async () => (await delivered(id)).length, { timeout: 10_000 })
      .toBe(clients.length);
    for (const client of clients) expect(client.events()).toEqual(['state', 'stop']);
    expect((await delivered(id)).every(({ n }) => n === 1)).toBe(true);
  }, 60_000);

  it('tells of a stop that comes while streams are opened, in their state or after it', async () => {
    const { agents, hub, stop } = await makeScene();
    const clients = Array.from({ length: 40 }, () => makeResponse());
    const opening = clients.map(async (client, index) => {
      const ctx = agents[index % agents.length];
      if (ctx) await hub.open(ctx, `pod-${index}`, null, client.response);
    });
    const { id } = await stop();
    await Promise.all(opening);
    for (const client of clients) {
      await expect.poll(() => client.text()).toContain(id);
      expect(client.events().filter((event) => event === 'stop').length).toBeLessThanOrEqual(1);
    }
  });

  it('tells of the stop file without a database, and begins afresh when it is gone', async () => {
    const { agents, hub } = await makeScene();
    const client = makeResponse();
    await hub.open(agents[0] as Ctx, 'i-1', null, client.response);
    closing.push(() => setStopFile(null));
    setStopFile(import.meta.filename);
    await expect.poll(client.events).toEqual(['state', 'stop']);
    expect(client.text()).toContain('"scope":{"kind":"host"}');
    setStopFile(null);
    await expect.poll(client.events).toEqual(['state', 'stop', 'resync']);
    await expect.poll(() => client.writable.writableEnded).toBe(true);
  });

  it('lets go of a client that does not read, says `resync` last, and calls nothing delivered to it', async () => {
    const { agents, hub, delivered, stop } = await makeScene();
    const [ctx] = agents;
    if (!ctx) throw new Error('an agent expected');
    const [slow, quick] = [makeResponse(false), makeResponse()];
    await hub.open(ctx, 'slow', null, slow.response);
    await hub.open(ctx, 'quick', null, quick.response);
    slow.writable.write(unreadText);
    const { id } = await stop();
    await expect.poll(() => quick.events()).toEqual(['state', 'stop']);
    await expect
      .poll(async () => (await delivered(id)).map((row) => row.instance_id))
      .toEqual(['quick']);
    expect(slow.writable.writableEnded).toBe(true);
    slow.read();
    await expect.poll(() => slow.events()).toEqual(['state', 'resync']);
  });

  it('refuses a stream whose beginning a silent database does not tell, and writes nothing later', async () => {
    const { agents, hub, stop } = await makeScene(200);
    const [ctx] = agents;
    if (!ctx) throw new Error('an agent expected');
    const [refused, later] = [makeResponse(), makeResponse()];
    await bed.admin.begin(async (tx) => {
      await tx`lock table stops in access exclusive mode`;
      await expect(hub.open(ctx, 'i-1', null, refused.response)).rejects.toMatchObject({
        code: 'store_unavailable',
      });
      refused.writable.end();
    });
    await hub.open(ctx, 'i-2', null, later.response);
    await stop();
    await expect.poll(later.events).toEqual(['state', 'stop']);
    expect(refused.text()).toBe('');
  });

  it('cuts a client that does not even read its last word', async () => {
    const { agents, hub, stop } = await makeScene();
    const [ctx] = agents;
    if (!ctx) throw new Error('an agent expected');
    const slow = makeResponse(false);
    await hub.open(ctx, 'slow', null, slow.response);
    slow.writable.write(unreadText);
    await stop();
    await expect.poll(() => slow.writable.writableEnded).toBe(true);
    await expect.poll(() => slow.writable.destroyed, { timeout: 10_000 }).toBe(true);
  });
});
