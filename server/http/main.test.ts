import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openTestDatabase } from '#server/testing/database.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isMachinePath } from './main.ts';
import { problemOf } from './problem.ts';
import { readBody } from './read-body.ts';

const bed = openTestDatabase();
const test = openTestWeb(bed);

describe('the split of the port', () => {
  it.each([
    '/api/v1/events',
    '/api/otlp/v1/traces',
    '/api/trpc/live.changes?input=1',
    '/.well-known/jwks.json',
    '/healthz',
    '/readyz?x',
    '/metrics',
    '/mcp',
  ])('gives %s to the doors', (url) => expect(isMachinePath(url)).toBe(true));

  it.each([
    '/',
    '/login',
    '/t/demo',
    '/api/auth/session',
    '/api/v10',
    '/healthzz',
    '/_next/static/a.js',
  ])('gives %s to the pages', (url) => expect(isMachinePath(url)).toBe(false));
});

describe('the doors', () => {
  it('answer health without a key, and readiness as it is', async () => {
    expect(await (await fetch(`${test.url}/healthz`)).json()).toEqual({ ok: true });
    const ready = await fetch(`${test.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({
      ok: false,
      checks: { database: true, schema: true, worker: false },
    });
  });

  it('keep a connection for longer than balancers and exporters rest between two requests', async () => {
    const agent = new Agent({ keepAlive: true });
    const [answer] = (await once(get(`${test.url}/healthz`, { agent }), 'response')) as [
      IncomingMessage,
    ];
    answer.resume();
    expect(answer.headers['keep-alive']).toBe('timeout=75');
    agent.destroy();
  });

  it('hide the metrics of a server without a token', async () => {
    expect((await fetch(`${test.url}/metrics`)).status).toBe(404);
  });

  it('answer an unknown path with a problem and a request id', async () => {
    const answer = await fetch(`${test.url}/api/v1/nothing`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const body: unknown = await answer.json();
    expect(body).toMatchObject({
      type: '/problems/not-found',
      status: 404,
      instance: answer.headers.get('x-request-id'),
    });
  });
});

describe('bodies', () => {
  const text = Buffer.from('{"events":[]}');

  it('come through plain and inflated', async () => {
    expect(await readBody(text, undefined, 100)).toEqual(text);
    expect(Buffer.from(await readBody(gzipSync(text), 'gzip', 100))).toEqual(text);
  });

  it.each([
    ['too long as it is', Buffer.alloc(101), undefined, 'payload_too_large'],
    ['too long when inflated', gzipSync(Buffer.alloc(5000)), 'gzip', 'payload_too_large'],
    ['no gzip', Buffer.from('plain'), 'gzip', 'bad_request'],
    ['cut gzip', gzipSync(Buffer.alloc(50, 7)).subarray(0, 20), 'gzip', 'bad_request'],
    ['an unknown encoding', text, 'br', 'unsupported_media_type'],
  ])('are refused when %s', async (_what, body, encoding, code) => {
    await expect(readBody(body, encoding, 100)).rejects.toMatchObject({ code });
  });

  it('stop a bomb at the ratio, far below the bound', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    await expect(readBody(bomb, 'gzip', 1024 ** 3)).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });
});

describe('problems', () => {
  it('tell strangers nothing about what was not expected', () => {
    const problem = problemOf(new TypeError('secret detail'), 'req_1');
    expect(problem).toMatchObject({ status: 500, instance: 'req_1' });
    expect(JSON.stringify(problem)).not.toContain('secret detail');
  });

  it.each(['ECONNREFUSED', '57P01', '08006', '53300', 'CONNECTION_CLOSED'])(
    'call %s, however deep, a store that is away',
    (code) => {
      const inner = Object.assign(new Error('inner'), { code });
      expect(problemOf(new Error('outer', { cause: inner }), 'r').status).toBe(503);
    },
  );

  it('recognise an AppError of another module graph by its code', () => {
    const foreign = Object.assign(new Error('m'), {
      name: 'AppError',
      code: 'forbidden',
      extras: {},
    });
    expect(problemOf(foreign, 'r').status).toBe(403);
    expect(problemOf(new AppError('forbidden', 'm'), 'r').status).toBe(403);
  });
});
