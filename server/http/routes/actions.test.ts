import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { openArguments } from '#server/approvals/open-arguments.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { createEventKey } from '#server/notifications/event-key.ts';
import { createPermitKey } from '#server/permits/permit-key.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx } from '#server/testing/factories.ts';
import { makeHoldScene, placeStopRow, vote } from '#server/testing/hold-scene.ts';
import { testMasterKey, testPermitKey } from '#server/testing/hold-tools.ts';
import { openTestWeb } from '#server/testing/http.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);

interface Sent {
  readonly status: number;
  readonly type: string | null;
  readonly body: Record<string, unknown>;
}

async function makeDoor() {
  const scene = await makeHoldScene(bed);
  const cli = makeCtx(bed.owner, scene.tenant.id, cliActor);
  const agent = await issueKey(cli, { kind: 'agent', name: 'a', agent: 'payer', tools: [] });
  const tools = ['query_database'];
  const enforcer = await issueKey(cli, { kind: 'enforcer', name: 'e', agent: null, tools });
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Sent> => {
    const answer = await fetch(`${served.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${agent.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      body: (await answer.json()) as Record<string, unknown>,
    };
  };
  const ask = (body: unknown, key: string = randomUUID()) =>
    send('POST', '/api/v1/actions', body, { 'idempotency-key': key });
  const asEnforcer = { authorization: `Bearer ${enforcer.key}` };
  return { scene, send, ask, asEnforcer };
}

describe('the doors of actions', () => {
  it('take an agent from its ask to its outcome', async () => {
    const { scene, send, ask, asEnforcer } = await makeDoor();
    const held = await ask({ tool: 'query_database', args: { sql: 'select 1' } });
    expect([held.status, held.body['state']]).toEqual([202, 'held']);
    const id = String(held.body['id']);
    const waiting = send('GET', `/api/v1/actions/${id}?wait=25`);
    const [reviewer] = scene.reviewers;
    const { id: approvalId } = held.body['approval'] as { id: string };
    if (reviewer) await vote(reviewer, approvalId);
    const approved = await waiting;
    expect(approved).toMatchObject({ status: 200, body: { state: 'approved', next: 'run' } });

    const permit = String(approved.body['permit']);
    const { verify } = await createPermitKey(testPermitKey);
    expect(await verify(permit)).toMatchObject({ act: id, iss: 'http://127.0.0.1' });
    const redeem = (args: unknown) =>
      send('POST', '/api/v1/permits/redeem', { permit, args }, asEnforcer);
    expect(await redeem({ sql: 'select 2' })).toMatchObject({
      status: 409,
      type: 'application/problem+json; charset=utf-8',
      body: { type: '/problems/args-mismatch' },
    });
    expect(await redeem({ sql: 'select 1' })).toMatchObject({
      status: 200,
      body: { redeemed: true },
    });
    expect(await redeem({ sql: 'select 1' })).toMatchObject({
      status: 409,
      body: { type: '/problems/consumed' },
    });
    const outcome = { status: 'succeeded', result: { rows: 1 } };
    const reported = await send('POST', `/api/v1/actions/${id}/outcome`, outcome, asEnforcer);
    expect(reported).toMatchObject({ status: 200, body: { state: 'executed' } });
    expect(await send('DELETE', `/api/v1/actions/${id}`)).toMatchObject({ status: 409 });
  });

  it('answer a low action at once, and take it back while it was not redeemed', async () => {
    const { send, ask } = await makeDoor();
    const allowed = await ask({ tool: 'read_file', args: { path: '/a' } });
    expect(allowed).toMatchObject({ status: 200, body: { state: 'allowed', permitState: 'live' } });
    const path = `/api/v1/actions/${String(allowed.body['id'])}`;
    expect(await send('DELETE', path)).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    expect(await send('DELETE', path)).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    expect(await send('GET', path)).toMatchObject({ body: { permit: null, next: 'stop' } });
  });

  it.each<[string, unknown, Record<string, string>, number, string]>([
    ['no key of its own', { tool: 'x', args: {} }, {}, 400, 'bad-request'],
    [
      'a key with blanks',
      { tool: 'x', args: {} },
      { 'idempotency-key': 'a b' },
      400,
      'bad-request',
    ],
    ['no JSON', '{"tool":', { 'idempotency-key': 'k' }, 400, 'bad-request'],
    ['no args', { tool: 'x' }, { 'idempotency-key': 'k' }, 400, 'bad-request'],
    [
      'another media type',
      { tool: 'x', args: {} },
      { 'idempotency-key': 'k', 'content-type': 'text/plain' },
      415,
      'unsupported-media-type',
    ],
    [
      'a key twice',
      '{"tool":"x","args":{"a":1,"a":2}}',
      { 'idempotency-key': 'k' },
      422,
      'unrepresentable',
    ],
    [
      'a number beyond a double',
      '{"tool":"x","args":{"amount":9007199254740993}}',
      { 'idempotency-key': 'k' },
      422,
      'unrepresentable',
    ],
    [
      'arguments beyond their bound',
      { tool: 'x', args: { a: 'x'.repeat(limits.argumentsBytesMax) } },
      { 'idempotency-key': 'k' },
      413,
      'payload-too-large',
    ],
  ])('refuse %s', async (_, body, headers, status, type) => {
    const { send } = await makeDoor();
    const answer = await send('POST', '/api/v1/actions', body, headers);
    expect(answer).toMatchObject({ status, body: { type: `/problems/${type}`, status } });
    if (type === 'unrepresentable') expect(answer.body['pointer']).toMatch(/^\/args\//);
  });

  it('refuse under a stop with what covers it, and answer GET all the same', async () => {
    const { scene, send, ask } = await makeDoor();
    const allowed = await ask({ tool: 'read_file', args: {} }, 'k');
    const stopId = await placeStopRow(bed, scene.tenant.id, 'tenant', '');
    for (const key of ['k', 'new']) {
      expect(await ask({ tool: 'read_file', args: {} }, key)).toMatchObject({
        status: 423,
        body: { type: '/problems/halted', stopId, epoch: 1, scope: { kind: 'tenant' } },
      });
    }
    const read = await send('GET', `/api/v1/actions/${String(allowed.body['id'])}`);
    expect(read).toMatchObject({ status: 200, body: { permit: null, permitState: 'halted' } });
    const permit = allowed.body['permit'];
    const redeemed = await send('POST', '/api/v1/permits/redeem', { permit, args: {} });
    expect(redeemed).toMatchObject({ status: 423, body: { type: '/problems/halted' } });
  });

  it('refuse the key of an earlier request with another body, and waits out of bounds', async () => {
    const { send, ask } = await makeDoor();
    await ask({ tool: 'read_file', args: {} }, 'k');
    expect(await ask({ tool: 'read_file', args: { a: 1 } }, 'k')).toMatchObject({
      status: 422,
      body: { type: '/problems/idempotency-mismatch' },
    });
    for (const wait of ['31', '-1', 'x']) {
      expect(await send('GET', `/api/v1/actions/act_x?wait=${wait}`)).toMatchObject({
        status: 400,
      });
    }
    expect(await send('GET', '/api/v1/actions/act_x')).toMatchObject({ status: 404 });
  });

  it('refuse arguments that do not fit the tool’s schema, by their place and never their value', async () => {
    const { scene, ask } = await makeDoor();
    const schema = { type: 'object', properties: { path: { type: 'string', maxLength: 8 } } };
    await bed.admin`update tools set schema = ${bed.admin.json(schema)}
      where tenant_id = ${uuidOf(scene.tenant.id)} and name = 'read_file'`;
    const refused = await ask({ tool: 'read_file', args: { path: '/etc/secret-place' } });
    expect(refused).toMatchObject({
      status: 422,
      body: { type: '/problems/invalid-arguments', pointer: '/path' },
    });
    expect(refused.body['detail']).toMatch(/^At \/path: must NOT have more than 8 characters/);
    expect(JSON.stringify(refused.body)).not.toContain('secret-place');
    expect(await ask({ tool: 'read_file', args: { path: '/a' } })).toMatchObject({ status: 200 });
  });

  it('drop no name of an argument unseen: __proto__ is bound, shown and compared like any other', async () => {
    const { scene, send, ask } = await makeDoor();
    const hidden = '{"sql":"select 1","__proto__":{"admin":true}}';
    const held = await ask(`{"tool":"query_database","args":${hidden}}`);
    const { id: approvalId } = held.body['approval'] as { id: string };
    const [reviewer] = scene.reviewers;
    if (!reviewer) throw new Error('a reviewer expected');
    const opened = await openArguments(reviewer, scene.tools, approvalId);
    expect(opened.canonical).toBe('{"__proto__":{"admin":true},"sql":"select 1"}');
    await vote(reviewer, approvalId);
    const { permit } = (await send('GET', `/api/v1/actions/${String(held.body['id'])}`)).body;
    const redeem = (args: string) =>
      send('POST', '/api/v1/permits/redeem', `{"permit":"${String(permit)}","args":${args}}`);
    expect(await redeem('{"sql":"select 1"}')).toMatchObject({ status: 409 });
    const redeemed = await redeem(hidden);
    expect(redeemed.status).toBe(200);
    expect(JSON.stringify(redeemed.body['args'])).toContain('"__proto__":{"admin":true}');

    const plain = await ask({ tool: 'read_file', args: { path: '/a' } });
    const other = `{"permit":"${String(plain.body['permit'])}","args":{"path":"/a","__proto__":1}}`;
    expect(await send('POST', '/api/v1/permits/redeem', other)).toMatchObject({
      status: 409,
      body: { type: '/problems/args-mismatch' },
    });
  });

  it('hold no more waits of one key open than they may: further ones answer at once', async () => {
    const { scene, send, ask } = await makeDoor();
    const held = await ask({ tool: 'query_database', args: { sql: 'select 1' } });
    const path = `/api/v1/actions/${String(held.body['id'])}?wait=25`;
    let isDecided = false;
    const waits = Array.from({ length: limits.decisionWaitsPerKeyMax }, () => send('GET', path));
    const early = Promise.race(waits).then(() => isDecided);
    await expect
      .poll(async () => (await send('GET', path)).body['state'], { timeout: 20_000 })
      .toBe('held');
    isDecided = true;
    const { id: approvalId } = held.body['approval'] as { id: string };
    const [reviewer] = scene.reviewers;
    if (reviewer) await vote(reviewer, approvalId);
    expect(await early).toBe(true);
    for (const answer of await Promise.all(waits)) {
      // On a machine with much else to do the gate may be taken for too long: then it is asked again.
      const told = answer.status === 503 ? await send('GET', path) : answer;
      expect(told.body).toMatchObject({ state: 'approved' });
    }
  }, 60_000);

  it('publish the keys that verify permits and security events', async () => {
    const { send } = await makeDoor();
    const { body, type } = await send('GET', '/.well-known/jwks.json');
    expect(type).toContain('application/jwk-set+json');
    const permitKey = await createPermitKey(testPermitKey);
    const eventKey = await createEventKey(testMasterKey);
    expect(body).toEqual({ keys: [...permitKey.jwks.keys, eventKey.publicJwk] });
    expect(JSON.stringify(body)).not.toContain('"d"');
  });
});
