import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { readCallCoverage } from '#server/actions/read-call-coverage.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { readEnforcement } from '#server/containment/read-enforcement.ts';
import { createDetector } from '#server/detection/detector.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { cliActor, makeCtx, makePerson } from '#server/testing/factories.ts';
import { makeHoldScene } from '#server/testing/hold-scene.ts';
import { openTestWeb } from '#server/testing/http.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);
const args = { path: '/a' };

async function makeScene() {
  const { tenant, agent } = await makeHoldScene(bed);
  await bed.admin`update tools set is_governed = true
    where tenant_id = ${uuidOf(tenant.id)} and name = 'read_file'`;
  const cli = makeCtx(bed.owner, tenant.id, cliActor);
  const keyOf = async (kind: 'agent' | 'ingest' | 'enforcer', slug: string | null = null) =>
    (
      await issueKey(cli, {
        kind,
        name: kind,
        agent: slug,
        tools: kind === 'enforcer' ? ['read_file'] : [],
      })
    ).key;
  const keys = {
    payer: await keyOf('agent', 'payer'),
    other: await keyOf('agent', 'other'),
    ingest: await keyOf('ingest'),
    enforcer: await keyOf('enforcer'),
  };
  type Key = keyof typeof keys;
  const post = async (as: Key, path: string, body: unknown) => {
    const answer = await fetch(`${served.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${keys[as]}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const ask = () => post('payer', '/api/v1/actions', { tool: 'read_file', args });
  const redeem = (as: Key, permit: unknown) => post(as, '/api/v1/permits/redeem', { permit, args });
  /** Tells of a call that is just over. */
  const tell = (as: Key, change: Readonly<Record<string, unknown>> = {}) => {
    const now = new Date().toISOString();
    const event = {
      id: randomUUID(),
      traceId: randomUUID().replaceAll('-', ''),
      agent: 'payer',
      kind: 'tool_call',
      name: 'read_file',
      startedAt: now,
      endedAt: now,
      ...change,
    };
    return post(as, '/api/v1/events', { events: [event] });
  };
  const follow = async (as: Key, instanceId: string) => {
    const abort = new AbortController();
    const url = `${served.url}/api/v1/control?instanceId=${instanceId}`;
    const headers = { authorization: `Bearer ${keys[as]}` };
    const { body } = await fetch(url, { headers, signal: abort.signal });
    await body?.getReader().read();
    return () => abort.abort();
  };
  const viewer = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['viewer']));
  const detect = () => drainTail(bed, createDetector({ log: pino({ level: 'silent' }) }));
  return {
    tenant,
    post,
    ask,
    redeem,
    tell,
    follow,
    detect,
    classOf: async () => (await readEnforcement(viewer, [agent.id])).get(agent.id)?.class,
    coverage: async () =>
      (await readCallCoverage(viewer, null)).filter((row) => row.agent === 'payer'),
  };
}

describe('the enforcement class, against evidence that is made up', () => {
  it('is not raised by heartbeats, claimed capabilities or claimed acknowledgements', async () => {
    const { tenant, post, classOf } = await makeScene();
    const capabilities = ['control', 'poll', 'liveness', 'ask'];
    await post('payer', '/api/v1/heartbeat', { instanceId: 'pod-1', capabilities });
    const person = await makePerson(bed, tenant.id, ['responder']);
    const { id } = await placeStop(makeCtx(bed.app, tenant.id, person), {
      scope: { kind: 'agent', id: 'payer' },
      level: 1,
      reason: 'test',
    });
    const ack = { stopId: id, instanceId: 'pod-1', state: 'stopped', inFlight: 0 };
    expect(await post('payer', '/api/v1/control/ack', ack)).toMatchObject({ status: 200 });
    expect(await classOf()).toBe('observed');
  });

  it('is not raised by a stream of another agent, nor by one stream for two instances', async () => {
    const { post, follow, tell, classOf } = await makeScene();
    await post('payer', '/api/v1/heartbeat', { instanceId: 'pod-1' });
    const leaveOther = await follow('other', 'pod-1');
    expect(await classOf()).toBe('observed');
    const leave = await follow('payer', 'pod-1');
    await expect.poll(classOf).toBe('connected');
    await post('payer', '/api/v1/heartbeat', { instanceId: 'pod-2' });
    expect(await classOf()).toBe('observed');
    await tell('payer', { kind: 'lifecycle', name: 'start' });
    leave();
    leaveOther();
  });

  it('is not raised by an outcome without a redeem: it is refused and leaves nothing', async () => {
    const { tenant, post, ask, classOf, coverage, tell, detect } = await makeScene();
    const { id } = (await ask()).body;
    for (const as of ['payer', 'enforcer'] as const) {
      const claimed = { status: 'succeeded', executedArgs: args };
      expect(await post(as, `/api/v1/actions/${String(id)}/outcome`, claimed)).toMatchObject({
        status: 409,
      });
    }
    expect(
      await bed.admin`select 1 from outcomes where tenant_id = ${uuidOf(tenant.id)}`,
    ).toHaveLength(0);
    expect(await classOf()).toBe('asks');
    // The call that it went on to make is a bypass, however it names its action.
    await tell('payer', { actionId: id });
    await detect();
    expect(await coverage()).toMatchObject([{ calls: 1, permitted: 0, percent: 0 }]);
    expect(await classOf()).toBe('observed');
  });

  it('is gated by an enforcer’s redeems only, and lost by one redeem of its own', async () => {
    const { ask, redeem, classOf } = await makeScene();
    const first = await ask();
    expect(await redeem('other', first.body['permit'])).toMatchObject({ status: 403 });
    expect(await redeem('ingest', first.body['permit'])).toMatchObject({ status: 403 });
    expect(await classOf()).toBe('asks');
    expect(await redeem('enforcer', first.body['permit'])).toMatchObject({ status: 200 });
    expect(await classOf()).toBe('gated');
    expect(await redeem('payer', (await ask()).body['permit'])).toMatchObject({ status: 200 });
    expect(await classOf()).toBe('asks');
  });

  it('is not raised by telemetry under another’s name, which covers no call either', async () => {
    const { ask, redeem, tell, detect, classOf, coverage } = await makeScene();
    const asked = await ask();
    await redeem('enforcer', asked.body['permit']);
    const { id } = asked.body;
    // Another agent's key may not even name it; an ingest key's word is a claim.
    expect(await tell('other', { actionId: id })).toMatchObject({
      body: { accepted: 0, rejected: [{ code: 'agent_mismatch' }] },
    });
    expect(await tell('ingest', { actionId: id })).toMatchObject({ status: 200 });
    await detect();
    expect(await coverage()).toMatchObject([{ calls: 0, permitted: 0, unverified: 1 }]);
    expect(await classOf()).not.toBe('gated');
    await tell('payer', { actionId: id });
    await detect();
    expect(await coverage()).toMatchObject([
      { calls: 1, permitted: 1, percent: 100, unverified: 1 },
    ]);
  });
});
