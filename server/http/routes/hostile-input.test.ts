import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);

async function makeKeys() {
  const { id } = await makeTenant(bed);
  const cli = makeCtx(bed.app, id, cliActor);
  const keyOf = async (kind: 'agent' | 'service', agent: string | null = null) =>
    (await issueKey(cli, { kind, name: kind, agent, tools: [] })).key;
  return { service: await keyOf('service'), agent: await keyOf('agent', 'payer') };
}

const post = (path: string, key: string, body: unknown) =>
  fetch(`${served.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const ask = (procedure: string, key: string, input: unknown) =>
  fetch(
    `${served.url}/api/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify({ json: input }))}`,
    { headers: { authorization: `Bearer ${key}` } },
  );

const stop = (change: object) => ({
  scope: { kind: 'session', id: 's-1' },
  level: 1,
  reason: 'wrong payee',
  ...change,
});

describe('texts that a database does not keep as they are, over tRPC', () => {
  it.each([
    ['U+0000 in a reason', stop({ reason: 'a\0b' }), '/reason'],
    ['U+0000 in a name', stop({ scope: { kind: 'session', id: 'a\0b' } }), '/scope/id'],
    ['a lone surrogate', stop({ reason: 'a\ud800b' }), '/reason'],
    ['a member’s name', stop({ 'a\0': 1 }), '/a�'],
  ])('%s is refused with its place', async (_name, input, pointer) => {
    const { service } = await makeKeys();
    const answer = await post('/api/trpc/stops.place', service, { json: input });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      error: { json: { data: { appCode: 'unrepresentable', extras: { pointer } } } },
    });
  });

  it('takes every other text as it is', async () => {
    const { service } = await makeKeys();
    const input = stop({ reason: 'naïve 💥 \u202e reason' });
    expect((await post('/api/trpc/stops.place', service, { json: input })).status).toBe(200);
  });

  it('leaves telemetry to its decoder, which escapes them', async () => {
    const { agent } = await makeKeys();
    const event = {
      id: 'e-1',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      kind: 'tool_call',
      name: 'read',
      startedAt: '2026-11-22T08:00:00Z',
      output: 'a\0b',
    };
    const answer = await post('/api/trpc/telemetry.ingest', agent, { json: { events: [event] } });
    expect(await answer.json()).toMatchObject({ result: { data: { json: { accepted: 1 } } } });
  });
});

describe('stops.enforcement', () => {
  it('leaves out what is no agent’s id', async () => {
    const { service } = await makeKeys();
    const answer = await ask('stops.enforcement', service, { agentIds: ['x', '', 'ten_1'] });
    expect(await answer.json()).toMatchObject({ result: { data: { json: {} } } });
  });
});

describe('what a door says of a body that is wrong', () => {
  it.each([
    ['a member that is missing', {}, 'instanceId: missing; see /api/v1/openapi.json.'],
    [
      'a member that it does not know',
      { instanceId: 'pod-1', ['x'.repeat(100_000)]: 1 },
      'The body has a member that this door does not know; see /api/v1/openapi.json.',
    ],
    [
      'a member of another form',
      { instanceId: 7 },
      'instanceId: Invalid input: expected string, received number; see /api/v1/openapi.json.',
    ],
  ])('%s', async (_name, body, detail) => {
    const { agent } = await makeKeys();
    const answer = await post('/api/v1/heartbeat', agent, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail });
  });
});

describe('a query of a service key', () => {
  it.each(['cursor=%00', 'search=a%00b'])('with U+0000 in %s is refused', async (query) => {
    const { service } = await makeKeys();
    const answer = await fetch(`${served.url}/api/v1/agents?${query}`, {
      headers: { authorization: `Bearer ${service}` },
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ type: '/problems/unrepresentable' });
  });
});

/** What comes back over a connection of its own for these bytes, until the server closes it. */
function sendBytes(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(served.web.port, '127.0.0.1');
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(parts).toString()));
    socket.write(bytes);
  });
}

describe('a request that no door can be asked with', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['a method that there is not', 'FOO / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'two lengths of one body',
      'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'an id that is no text',
      'GET /api/v1/actions/%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      400,
    ],
    [
      'an id without end',
      `GET /api/v1/actions/${'a'.repeat(9000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      400,
    ],
    [
      'a page’s address that is no text',
      'GET /t/%c0%ae HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      400,
    ],
  ])('%s: a problem, and nothing of what was sent', async (_name, bytes, status) => {
    const [head, body] = (await sendBytes(bytes)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toMatch(/content-type: application\/problem\+json/i);
    const problem: unknown = JSON.parse(body ?? '');
    expect(problem).toMatchObject({
      type: '/problems/bad-request',
      status,
      detail: expect.stringMatching(/check/),
      instance: expect.stringMatching(/^req_/),
    });
    expect(body).not.toContain('aaaa');
  });

  it('a body beyond its bound: the refusal comes, and the rest is read and thrown away', async () => {
    const { agent } = await makeKeys();
    const bytes = limits.requestBodyBytesMax + 1;
    const answers = await sendBytes(
      [
        'POST /api/v1/heartbeat HTTP/1.1',
        'Host: x',
        `Authorization: Bearer ${agent}`,
        'Content-Type: application/json',
        `Content-Length: ${bytes}`,
        '',
        `${' '.repeat(bytes)}GET /healthz HTTP/1.1`,
        'Host: x',
        'Connection: close',
        '',
        '',
      ].join('\r\n'),
    );
    expect(answers).toContain('/problems/payload-too-large');
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });
});

describe('keys over tRPC', () => {
  it('are guessed no faster than at the other doors', async () => {
    const guess = (turn: number) => {
      const key = `sbk_agent_01m8ex403sf6as09f9vmk3sevp_${String(turn).padStart(43, '0')}`;
      return post('/api/trpc/telemetry.ingest', key, { json: { events: [] } });
    };
    const tries = limits.anonymousRequestsPerMinuteMax + 1;
    const answers = await Promise.all(Array.from({ length: tries }, (_one, turn) => guess(turn)));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('ratelimit')).toMatch(/^"requests";r=0;t=\d+$/);
  });
});
