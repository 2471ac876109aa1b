import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDb } from '#db/client.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { startWeb } from '#server/http/main.ts';
import type { Web } from '#server/http/main.ts';
import { ingestAnswerSchema } from '#server/ingest/contract.ts';
import { RpcStatusSchema } from '#server/ingest/otlp/otlp_pb.js';
import { limits } from '#server/kernel/limits.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { startPosition } from '#server/telemetry/position.ts';
import { readTail } from '#server/telemetry/read-tail.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { makeServices } from '#server/testing/make-services.ts';
import { logsJson, testSpan, tracesJson, tracesProtobuf } from '#server/testing/otlp-request.ts';
import type { TestSpan } from '#server/testing/otlp-request.ts';
import { runEmitter } from '#server/testing/run-emitter.ts';
import { settleLog } from '#server/testing/settle-log.ts';

const bed = openTestDatabase();
const test = openTestWeb(bed);

interface Sender {
  readonly tenantId: TenantId;
  readonly key: string;
}

async function makeSender(
  kind: 'ingest' | 'agent' | 'service' = 'ingest',
  tenant?: { id: TenantId },
): Promise<Sender> {
  const { id: tenantId } = tenant ?? (await makeTenant(bed));
  const ctx = makeCtx(bed.app, tenantId, cliActor);
  const agent = kind === 'agent' ? 'billing-bot' : null;
  const wanted = { kind, name: 'test', agent, tools: [], lifeSeconds: null };
  return { tenantId, key: (await issueKey(ctx, wanted)).key };
}

interface Post {
  readonly path: string;
  readonly body: Uint8Array | string;
  readonly headers?: Record<string, string>;
  readonly url?: string;
}

const post = (sender: Pick<Sender, 'key'>, { path, body, headers, url }: Post) =>
  fetch(`${url ?? test.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${sender.key}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });

const newEvent = (overrides: object = {}) => ({
  id: randomBytes(8).toString('hex'),
  traceId: randomBytes(16).toString('hex'),
  agent: 'billing-bot',
  kind: 'tool_call',
  name: 'send_money',
  startedAt: '2026-11-22T08:00:00Z',
  ...overrides,
});
const postEvents = async (sender: Sender, ...events: unknown[]) => {
  const body = JSON.stringify({ events });
  const answer = await post(sender, { path: '/api/v1/events', body });
  return { status: answer.status, answer: ingestAnswerSchema.parse(await answer.json()) };
};

async function stored(tenantId: TenantId) {
  await settleLog(bed);
  return readTail(bed.worker.$client, tenantId, startPosition, 1000);
}

describe('POST /api/v1/events', () => {
  it('stores a batch, and counts it as duplicate when it comes again', async () => {
    const sender = await makeSender();
    const event = newEvent({ input: { amount: 100 }, output: 'paid', sessionId: 's-1' });
    const first = await postEvents(sender, event, newEvent());
    expect(first.status).toBe(200);
    expect(first.answer).toMatchObject({ accepted: 2, duplicates: 0, rejected: [] });
    expect(first.answer.position).toEqual(expect.any(String));
    const again = await postEvents(sender, event);
    expect(again).toMatchObject({ status: 200, answer: { accepted: 0, duplicates: 1 } });
    const all = await stored(sender.tenantId);
    expect(all).toHaveLength(2);
    expect(all[0]).toMatchObject({
      id: event.id,
      agentSlug: 'billing-bot',
      identity: 'claimed',
      sessionId: 's-1',
      body: { input: { amount: 100 }, output: 'paid', source: { trust: 'untrusted' } },
    });
  });

  it('answers 207 with each reject in its place', async () => {
    const sender = await makeSender();
    const taken = newEvent({ input: 1 });
    await postEvents(sender, taken);
    const { status, answer } = await postEvents(
      sender,
      newEvent({ kind: 'dance' }),
      newEvent(),
      { ...taken, input: 2 },
      newEvent({ agent: null }),
    );
    expect(status).toBe(207);
    expect(answer.accepted).toBe(1);
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
      [0, 'unprocessable'],
      [2, 'id_conflict'],
      [3, 'unprocessable'],
    ]);
  });

  it('lets an agent key post for its own agent only', async () => {
    const sender = await makeSender('agent');
    const { status, answer } = await postEvents(
      sender,
      newEvent({ agent: null }),
      newEvent(),
      newEvent({ agent: 'other-bot' }),
    );
    expect(status).toBe(207);
    expect(answer.accepted).toBe(2);
    expect(answer.rejected).toMatchObject([{ index: 2, code: 'agent_mismatch' }]);
    expect((await stored(sender.tenantId)).map((event) => event.identity)).toEqual([
      'verified',
      'verified',
    ]);
  });

  it('takes gzip', async () => {
    const sender = await makeSender();
    const body = gzipSync(JSON.stringify({ events: [newEvent()] }));
    const headers = { 'content-encoding': 'gzip' };
    expect((await post(sender, { path: '/api/v1/events', body, headers })).status).toBe(200);
  });

  it('stores awkward text instead of losing the batch', async () => {
    const sender = await makeSender();
    const text = JSON.stringify(newEvent()).replace(
      /\}$/,
      ',"input":"a\\u0000b\\ud800","name":"x"}',
    );
    const answer = await post(sender, { path: '/api/v1/events', body: `{"events":[${text}]}` });
    expect(answer.status).toBe(200);
    const [event] = await stored(sender.tenantId);
    expect(event?.body.input).toBe(String.raw`a\u0000b\ud800`);
    expect(event?.flags).toEqual(expect.arrayContaining(['escaped_text', 'duplicate_key']));
  });

  it.each<[string, Partial<Post>, number, string]>([
    ['no JSON', { body: '{"events":' }, 400, 'bad-request'],
    ['no batch', { body: '[]' }, 400, 'bad-request'],
    ['text', { headers: { 'content-type': 'text/plain' } }, 415, 'unsupported-media-type'],
    ['brotli', { headers: { 'content-encoding': 'br' } }, 415, 'unsupported-media-type'],
    ['a strange key', { headers: { authorization: 'Bearer sbk_x' } }, 401, 'unauthenticated'],
    [
      'a bomb',
      {
        body: gzipSync(Buffer.alloc(limits.telemetryBodyBytesMax + 1, 32)),
        headers: { 'content-encoding': 'gzip' },
      },
      413,
      'payload-too-large',
    ],
    [
      'a body over the bound',
      { body: new Uint8Array(limits.telemetryBodyBytesMax + 1) },
      413,
      'payload-too-large',
    ],
  ])('refuses %s', async (_, wrong, status, type) => {
    const sender = await makeSender();
    const answer = await post(sender, { path: '/api/v1/events', body: '{"events":[]}', ...wrong });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await answer.json()).toMatchObject({ type: `/problems/${type}`, status });
  });

  it('refuses keys that may not post', async () => {
    const sender = await makeSender('service');
    const answer = await post(sender, { path: '/api/v1/events', body: '{"events":[]}' });
    expect(answer.status).toBe(403);
  });
});

describe('POST /api/otlp/v1/traces', () => {
  const path = '/api/otlp/v1/traces';
  const protobuf = { 'content-type': 'application/x-protobuf' };
  const newSpan = (overrides: TestSpan = {}) =>
    testSpan({
      traceId: randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'del' },
      ...overrides,
    });
  const resource = { 'service.name': 'shop' };

  it('answers a whole success with the empty message, in both encodings', async () => {
    const sender = await makeSender();
    const json = await post(sender, { path, body: tracesJson({ resource, items: [newSpan()] }) });
    expect([json.status, json.headers.get('content-type'), await json.text()]).toEqual([
      200,
      'application/json',
      '{}',
    ]);
    const body = tracesProtobuf({ resource, items: [newSpan()] });
    const binary = await post(sender, { path, body, headers: protobuf });
    expect([binary.status, binary.headers.get('content-type')]).toEqual([
      200,
      'application/x-protobuf',
    ]);
    expect((await binary.arrayBuffer()).byteLength).toBe(0);
    expect(await stored(sender.tenantId)).toHaveLength(2);
  });

  it('answers partial success with the place of the first reject', async () => {
    const sender = await makeSender();
    const items = [newSpan(), newSpan({ traceId: 'x' }), newSpan({ spanId: '' })];
    const answer = await post(sender, { path, body: tracesJson({ resource, items }) });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      partialSuccess: {
        rejectedSpans: '2',
        errorMessage: 'Number 1: traceId must be 32 hex digits, not all zero.',
      },
    });
    expect(await stored(sender.tenantId)).toHaveLength(1);
  });

  it('counts places among all spans when the database side rejects', async () => {
    const sender = await makeSender('agent');
    const other = { 'gen_ai.agent.name': 'other-bot' };
    const items = [newSpan({ traceId: 'x' }), newSpan(), newSpan({ attributes: other })];
    const answer = await post(sender, { path, body: tracesJson({ items }) });
    expect(await answer.json()).toMatchObject({ partialSuccess: { rejectedSpans: '2' } });
    const only = await post(sender, { path, body: tracesJson({ items: items.slice(1) }) });
    expect(await only.json()).toMatchObject({
      partialSuccess: { errorMessage: expect.stringMatching(/^Number 1: .*billing-bot/) },
    });
  });

  it('keeps a re-sent span once, and one with another body as a revision', async () => {
    const sender = await makeSender();
    const span = newSpan();
    const send = (one: TestSpan) =>
      post(sender, { path, body: tracesJson({ resource, items: [one] }) });
    await send(span);
    expect(await (await send(span)).text()).toBe('{}');
    expect(await stored(sender.tenantId)).toHaveLength(1);
    await send({ ...span, attributes: { ...span.attributes, 'gen_ai.tool.call.result': 'late' } });
    const all = await stored(sender.tenantId);
    expect(all.map((event) => event.revision)).toHaveLength(2);
    expect(new Set(all.map((event) => event.id)).size).toBe(1);
  });

  it('takes an empty request', async () => {
    const sender = await makeSender();
    const answer = await post(sender, { path, body: new Uint8Array(), headers: protobuf });
    expect(answer.status).toBe(200);
  });

  it.each<[string, Partial<Post>, number, number]>([
    ['undecodable bytes', { body: 'hello there, not protobuf' }, 400, 3],
    ['a strange key', { headers: { authorization: 'Bearer sbk_x' } }, 401, 16],
    ['a body over the bound', { body: new Uint8Array(limits.telemetryBodyBytesMax + 1) }, 413, 8],
  ])('refuses %s with a google.rpc.Status', async (_, wrong, status, code) => {
    const sender = await makeSender();
    const answer = await post(sender, {
      path,
      body: new Uint8Array(),
      ...wrong,
      headers: { ...protobuf, ...wrong.headers },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      'application/x-protobuf',
    ]);
    const message = fromBinary(RpcStatusSchema, new Uint8Array(await answer.arrayBuffer()));
    expect(message.code).toBe(code);
    expect(message.message).toMatch(/\.$/);
  });

  it('refuses another media type in JSON', async () => {
    const sender = await makeSender();
    const headers = { 'content-type': 'application/grpc' };
    const answer = await post(sender, { path, body: '{}', headers });
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ code: 3 });
  });
});

describe('POST /api/otlp/v1/logs and metrics', () => {
  it('stores log records', async () => {
    const sender = await makeSender();
    const attributes = { 'session.id': 's-9', tool_name: 'Bash', success: 'true' };
    const item = {
      timeUnixNano: '1795334400000000000',
      body: 'claude_code.tool_result',
      attributes,
    };
    const body = logsJson({ resource: { 'service.name': 'claude-code' }, items: [item] });
    const answer = await post(sender, { path: '/api/otlp/v1/logs', body });
    expect([answer.status, await answer.text()]).toEqual([200, '{}']);
    expect(await stored(sender.tenantId)).toMatchObject([
      { kind: 'tool_call', name: 'Bash', agentSlug: 'claude-code', sessionId: 's-9' },
    ]);
  });

  it('counts data points as rejected', async () => {
    const sender = await makeSender();
    const metrics = [{ name: 'm', sum: { dataPoints: [{}, {}] } }];
    const body = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    const answer = await post(sender, { path: '/api/otlp/v1/metrics', body });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ partialSuccess: { rejectedDataPoints: '2' } });
  });
});

describe('stock exporters', () => {
  it.each([
    ['gen_ai', 'protobuf', 6],
    ['legacy', 'json', 4],
    ['openinference', 'protobuf', 4],
    ['openllmetry', 'json', 5],
  ] as const)('%s over %s arrives as one trace', async (emitter, encoding, count) => {
    const sender = await makeSender();
    await runEmitter(emitter, { url: `${test.url}/api/otlp`, encoding, key: sender.key });
    const events = await stored(sender.tenantId);
    expect(events).toHaveLength(count);
    expect(new Set(events.map((event) => event.traceId)).size).toBe(1);
    expect(events.flatMap((event) => event.flags)).toEqual([]);
    const tool = events.find((event) => event.kind === 'tool_call');
    expect(tool).toMatchObject({
      name: 'get_weather',
      callId: 'call-1',
      body: { output: { city: 'Paris', degrees: 21 }, source: { trust: 'untrusted' } },
    });
    expect(events.some((event) => event.spanId === tool?.parentSpanId)).toBe(true);
    expect(events.filter((event) => event.kind === 'llm_call')).toHaveLength(2);
  });
});

describe('without a database', () => {
  const holder: { web?: Web } = {};
  beforeAll(async () => {
    const services = makeServices(bed);
    await services.db.$client.end();
    const db = createDb('postgres://signalbox:x@127.0.0.1:1/none', { connectionsMax: 1 });
    holder.web = await startWeb({
      services: { ...services, db },
      host: '127.0.0.1',
      port: 0,
      hasPages: false,
    });
  });
  afterAll(() => holder.web?.close());

  it.each([
    ['/api/v1/events', 'application/json'],
    ['/api/otlp/v1/traces', 'application/json'],
    ['/api/otlp/v1/traces', 'application/x-protobuf'],
    ['/api/otlp/v1/logs', 'application/x-protobuf'],
  ])('%s with %s says 503 and when to come back', async (path, contentType) => {
    const sender = await makeSender();
    const answer = await post(sender, {
      path,
      url: `http://127.0.0.1:${holder.web?.port ?? 0}`,
      body: contentType === 'application/json' ? '{"events":[]}' : new Uint8Array(),
      headers: { 'content-type': contentType },
    });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await answer.arrayBuffer();
  });
});
