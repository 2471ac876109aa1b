import { describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { revokeKey } from '#server/auth/revoke-key.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);

interface Frame {
  readonly id: string | null;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

async function makeScene() {
  const tenant = await makeTenant(bed);
  const cli = makeCtx(bed.app, tenant.id, cliActor);
  const responder = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  const keyOf = (kind: 'agent' | 'service', agent: string | null = null) =>
    issueKey(cli, { kind, name: kind, agent, tools: [] });
  const payer = await keyOf('agent', 'payer');
  const send = (path: string, key: string, body?: unknown) =>
    fetch(`${served.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { tenant, cli, responder, keyOf, payer, send };
}

/** Follows the stream of an instance; `frames` grows as it speaks. */
async function follow(key: string, instanceId: string, lastEventId?: string) {
  const abort = new AbortController();
  const answer = await fetch(`${served.url}/api/v1/control?instanceId=${instanceId}`, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: abort.signal,
  });
  const frames: Frame[] = [];
  const ended = (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      frames.push(...blocks.map(readFrame));
    }
  })().catch(() => undefined);
  const close = async () => {
    abort.abort();
    await ended;
  };
  await expect.poll(() => frames.length).toBeGreaterThan(0);
  return {
    answer,
    frames,
    ended,
    close,
    of: (event: string) => frames.filter((f) => f.event === event),
  };
}

function readFrame(block: string): Frame {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
  return {
    id: field('id'),
    event: field('event') ?? '',
    data: JSON.parse(field('data') ?? '{}') as Record<string, unknown>,
  };
}
const all = { scope: { kind: 'tenant' as const }, level: 1, reason: 'test' };

describe('GET /api/v1/control', () => {
  it('begins with the state, tells a stop and its lift, and notes the delivery', async () => {
    const { tenant, responder, payer } = await makeScene();
    const stream = await follow(payer.key, 'pod-1');
    expect(stream.answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(stream.frames[0]).toMatchObject({
      event: 'state',
      data: { epoch: 0, halted: false, stops: [], leaseMs: 30_000 },
    });
    const { id } = await placeStop(responder, { ...all, scope: { kind: 'agent', id: 'payer' } });
    await expect
      .poll(() => stream.of('stop'))
      .toMatchObject([
        { data: { stopId: id, epoch: 1, level: 1, reason: 'test', scope: { kind: 'agent' } } },
      ]);
    await expect
      .poll(() => bed.admin`select state from stop_receipts where tenant_id = ${uuidOf(tenant.id)}`)
      .toMatchObject([{ state: 'delivered' }]);
    await liftStop(responder, id, 'fine');
    await expect.poll(() => stream.of('lift')).toMatchObject([{ data: { stopId: id } }]);
    await stream.close();
  });

  it('tells no other agent, and no other tenant, of a stop that is not theirs', async () => {
    const one = await makeScene();
    const two = await makeScene();
    const other = await one.keyOf('agent', 'other');
    const streams = [await follow(other.key, 'a'), await follow(two.payer.key, 'b')];
    const mine = await follow(one.payer.key, 'c');
    await placeStop(one.responder, { ...all, scope: { kind: 'agent', id: 'payer' } });
    await expect.poll(() => mine.of('stop').length).toBe(1);
    await placeStop(one.responder, all);
    await expect.poll(() => streams[0]?.of('stop').length).toBe(1);
    expect(streams[0]?.of('stop')).toMatchObject([{ data: { scope: { kind: 'tenant' } } }]);
    expect(streams[1]?.of('stop')).toEqual([]);
    for (const stream of [...streams, mine]) await stream.close();
  });

  it('resumes behind what it told, and tells what was missed', async () => {
    const { responder, payer } = await makeScene();
    const first = await follow(payer.key, 'pod-1');
    const { id } = await placeStop(responder, { ...all, scope: { kind: 'tool', id: 'x' } });
    await expect.poll(() => first.of('stop').length).toBe(1);
    const lastId = first.of('stop')[0]?.id ?? '';
    await first.close();
    await liftStop(responder, id, 'fine');
    const second = await follow(payer.key, 'pod-1', lastId);
    await expect.poll(() => second.of('lift')).toMatchObject([{ data: { stopId: id } }]);
    expect(second.frames[0]?.event).toBe('state');
    await second.close();
    const afresh = await follow(payer.key, 'pod-1', 'nonsense');
    await expect.poll(() => afresh.of('resync').length).toBe(1);
    await afresh.close();
  });

  it('begins halted under a standing stop', async () => {
    const { responder, payer } = await makeScene();
    const { id } = await placeStop(responder, all);
    const stream = await follow(payer.key, 'pod-1');
    expect(stream.frames[0]?.data).toMatchObject({ halted: true, stops: [{ stopId: id }] });
    await stream.close();
  });

  it('ends with `revoke` when its key is revoked', async () => {
    const { cli, payer } = await makeScene();
    const stream = await follow(payer.key, 'pod-1');
    await revokeKey(cli, payer.id);
    await stream.ended;
    expect(stream.frames.at(-1)?.event).toBe('revoke');
  });

  it('is for agents only, and names what is missing', async () => {
    const { keyOf, payer, send } = await makeScene();
    const service = await keyOf('service');
    expect((await send('/api/v1/control?instanceId=a', service.key)).status).toBe(403);
    const unnamed = await send('/api/v1/control', payer.key);
    expect(unnamed.status).toBe(400);
    expect(await unnamed.json()).toMatchObject({ type: '/problems/bad-request' });
  });
});

describe('stops over HTTP', () => {
  it('are placed by a service key, answered by the agent, and shown as a ladder', async () => {
    const { keyOf, payer, send } = await makeScene();
    const service = await keyOf('service');
    await send('/api/v1/heartbeat', payer.key, { instanceId: 'pod-1', capabilities: ['control'] });
    const order = { scope: { kind: 'agent', id: 'payer' }, level: 2, reason: 'runaway' };
    const placed = await send('/api/v1/stops', service.key, order);
    expect(placed.status).toBe(201);
    const stop = (await placed.json()) as { id: string };
    expect(stop).toMatchObject({ epoch: 1, state: 'active', changed: true });
    expect(await (await send('/api/v1/stops', service.key, order)).json()).toMatchObject({
      id: stop.id,
      changed: false,
    });
    const beat = await send('/api/v1/heartbeat', payer.key, { instanceId: 'pod-1' });
    expect(await beat.json()).toEqual({ epoch: 1, halted: true, leaseMs: 30_000 });
    const ack = { stopId: stop.id, instanceId: 'pod-1', state: 'stopped', inFlight: 0 };
    expect((await send('/api/v1/control/ack', payer.key, ack)).status).toBe(200);
    const ladder = await (await send(`/api/v1/stops/${stop.id}`, service.key)).json();
    expect(ladder).toMatchObject({
      ladder: [{ agent: 'payer', instanceId: 'pod-1', step: 'quiet' }],
      counts: { quiet: 1 },
    });
  });

  it('no claim makes an instance quiet that was seen to begin work after the stop', async () => {
    const { keyOf, payer, send, responder } = await makeScene();
    const service = await keyOf('service');
    const { id } = await placeStop(responder, { ...all, scope: { kind: 'agent', id: 'payer' } });
    const ack = { stopId: id, instanceId: 'pod-1', state: 'stopped', inFlight: 0 };
    await send('/api/v1/control/ack', payer.key, ack);
    const ladder = async () =>
      (await (await send(`/api/v1/stops/${id}`, service.key)).json()) as { ladder: unknown };
    expect((await ladder()).ladder).toMatchObject([{ instanceId: 'pod-1', step: 'quiet' }]);
    const event = {
      id: 'late-work',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      kind: 'tool_call',
      name: 'send_money',
      instanceId: 'pod-1',
      startedAt: new Date(Date.now() + 60_000).toISOString(),
    };
    expect((await send('/api/v1/events', payer.key, { events: [event] })).status).toBe(200);
    expect((await ladder()).ladder).toMatchObject([{ instanceId: 'pod-1', step: 'acknowledged' }]);
  });

  it('an agent stops itself only', async () => {
    const { keyOf, payer, send } = await makeScene();
    const self = { scope: { kind: 'self' }, reason: 'confused' };
    expect((await send('/api/v1/stops', payer.key, self)).status).toBe(201);
    const other = { scope: { kind: 'tenant' }, reason: 'x' };
    expect((await send('/api/v1/stops', payer.key, other)).status).toBe(403);
    const service = await keyOf('service');
    const unknown = { scope: { kind: 'agent', id: 'nobody' }, reason: 'x' };
    expect((await send('/api/v1/stops', service.key, unknown)).status).toBe(404);
  });

  it('tells a tree of its stop, also what it starts later, and lists every agent of it', async () => {
    const { keyOf, payer, send } = await makeScene();
    const [early, late, beside] = [
      await keyOf('agent', 'early'),
      await keyOf('agent', 'late'),
      await keyOf('agent', 'beside'),
    ];
    const spawnOf = (child: string) => ({
      id: `spawn-${child}`,
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      kind: 'spawn',
      name: child,
      startedAt: new Date().toISOString(),
    });
    const post = (child: string) => send('/api/v1/events', payer.key, { events: [spawnOf(child)] });
    expect((await post('early')).status).toBe(200);
    const streams = {
      early: await follow(early.key, 'pod-1'),
      late: await follow(late.key, 'pod-1'),
      beside: await follow(beside.key, 'pod-1'),
    };
    const service = await keyOf('service');
    const tree = { scope: { kind: 'tree', id: 'payer' }, reason: 'x' };
    const placed = await send('/api/v1/stops', service.key, tree);
    expect(placed.status).toBe(201);
    const { id } = (await placed.json()) as { id: string };
    await expect.poll(() => streams.early.of('stop')).toMatchObject([{ data: { stopId: id } }]);
    expect(streams.late.of('stop')).toEqual([]);
    expect((await post('late')).status).toBe(200);
    await expect.poll(() => streams.late.of('stop')).toMatchObject([{ data: { stopId: id } }]);
    expect(streams.beside.of('stop')).toEqual([]);
    const fresh = await follow(late.key, 'pod-2');
    expect(fresh.frames[0]).toMatchObject({ data: { halted: true, stops: [{ stopId: id }] } });
    const ladder = async () => {
      const detail = await (await send(`/api/v1/stops/${id}`, service.key)).json();
      return (detail as { ladder: { agent: string }[] }).ladder.map((row) => row.agent);
    };
    await expect
      .poll(async () => new Set(await ladder()))
      .toEqual(new Set(['payer', 'early', 'late']));
    const ack = { stopId: id, instanceId: 'pod-1', state: 'stopped', inFlight: 0 };
    expect((await send('/api/v1/control/ack', late.key, ack)).status).toBe(200);
    expect((await send('/api/v1/control/ack', beside.key, ack)).status).toBe(404);
    await Promise.all([...Object.values(streams), fresh].map((stream) => stream.close()));
  });

  it('believes an answer only of an agent that the stop covers', async () => {
    const { keyOf, payer, send, responder } = await makeScene();
    const other = await keyOf('agent', 'other');
    const { id } = await placeStop(responder, { ...all, scope: { kind: 'agent', id: 'other' } });
    const ack = { stopId: id, instanceId: 'pod-1', state: 'stopped', inFlight: 0 };
    expect((await send('/api/v1/control/ack', payer.key, ack)).status).toBe(404);
    expect((await send('/api/v1/control/ack', other.key, ack)).status).toBe(200);
  });
});
