import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { createTRPCClient, httpLink } from '@trpc/client';
import superjson from 'superjson';
import { describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { limits } from '#server/kernel/limits.ts';
import { startPosition } from '#server/telemetry/position.ts';
import { readTail } from '#server/telemetry/read-tail.ts';
import type { WireEvent } from '#server/telemetry/contract.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { settleLog } from '#server/testing/settle-log.ts';
import type { AppRouter } from '#server/trpc/root.ts';

const bed = openTestDatabase();
const test = openTestWeb(bed);

async function makeAgentKey(kind: 'agent' | 'service' = 'agent') {
  const { id: tenantId } = await makeTenant(bed);
  const agent = kind === 'agent' ? 'billing-bot' : null;
  const wanted = { kind, name: 'test', agent, tools: [], lifeSeconds: null };
  const { key } = await issueKey(makeCtx(bed.app, tenantId, cliActor), wanted);
  const client = createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${test.url}/api/trpc`,
        headers: { authorization: `Bearer ${key}` },
        transformer: superjson,
      }),
    ],
  });
  return { tenantId, key, client };
}

const newEvent = (overrides: Partial<WireEvent> = {}): WireEvent => ({
  id: randomBytes(8).toString('hex'),
  traceId: randomBytes(16).toString('hex'),
  kind: 'tool_call',
  name: 'send_money',
  startedAt: '2026-11-22T08:00:00Z',
  ...overrides,
});

const postRaw = (key: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  fetch(`${test.url}/api/trpc/telemetry.ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });

describe('telemetry.ingest over tRPC', () => {
  it('stores and rejects event by event, like the native door', async () => {
    const { client, tenantId } = await makeAgentKey();
    const answer = await client.telemetry.ingest.mutate({
      events: [
        newEvent({ input: { amount: 3 } }),
        newEvent({ agent: 'other' }),
        newEvent({ id: '' }),
      ],
    });
    expect(answer.accepted).toBe(1);
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'agent_mismatch'],
      [2, 'unprocessable'],
    ]);
    await settleLog(bed);
    const events = await readTail(bed.worker.$client, tenantId, startPosition, 10);
    expect(events).toMatchObject([
      { agentSlug: 'billing-bot', identity: 'verified', body: { input: { amount: 3 } } },
    ]);
  });

  it('takes gzip', async () => {
    const { key } = await makeAgentKey();
    const body = gzipSync(JSON.stringify({ json: { events: [newEvent()] } }));
    const answer = await postRaw(key, body, { 'content-encoding': 'gzip' });
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { result: { data: { json: { accepted: 1 } } } },
    ]);
  });

  it('refuses keys that may not post', async () => {
    const { client } = await makeAgentKey('service');
    await expect(client.telemetry.ingest.mutate({ events: [] })).rejects.toMatchObject({
      data: { httpStatus: 403, appCode: 'forbidden' },
    });
  });

  it.each([
    ['too many events', JSON.stringify({ json: { events: Array(1001).fill(1) } }), 400],
    ['too deep JSON', `{"json":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400],
    ['no JSON', '{"json":', 400],
    ['a bomb', gzipSync(Buffer.alloc(limits.telemetryBodyBytesMax + 1, 32)), 413],
    ['a body over the bound', new Uint8Array(limits.telemetryBodyBytesMax + 1), 413],
  ])('refuses %s', async (_, body, status) => {
    const { key } = await makeAgentKey();
    const isGzip = typeof body !== 'string' && body[0] === 0x1f;
    const answer = await postRaw(key, body, isGzip ? { 'content-encoding': 'gzip' } : {});
    expect(answer.status).toBe(status);
    await answer.arrayBuffer();
  });
});
