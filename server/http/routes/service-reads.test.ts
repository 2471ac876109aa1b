import { describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import type { KeyKind } from '#db/enums.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { assembler } from '#server/telemetry/assemble-traces.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeEvent } from '#server/testing/event-factory.ts';
import { cliActor, makeAgent, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { settleLog } from '#server/testing/settle-log.ts';

const bed = openTestDatabase();
const test = openTestWeb(bed);

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

async function makeKey(tenantId: TenantId, kind: KeyKind): Promise<string> {
  const ctx = makeCtx(bed.app, tenantId, cliActor);
  const agent = kind === 'agent' ? 'billing-bot' : null;
  const tools = kind === 'enforcer' ? ['send_money'] : [];
  const made = await issueKey(ctx, { kind, name: 'reader', agent, tools, lifeSeconds: null });
  return made.key;
}

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'billing-bot');
  const commit = createGroupCommit(bed.app.$client);
  await commit.store(tenant.id, [
    makeEvent(agent, { id: 'first', traceId, startedAt: '2026-11-22T08:00:00.000123Z' }),
  ]);
  await settleLog(bed);
  await drainTail(bed, assembler);
  return { tenantId: tenant.id, key: await makeKey(tenant.id, 'service') };
}

const get = (path: string, key: string) =>
  fetch(`${test.url}${path}`, { headers: { authorization: `Bearer ${key}` } });

describe('what a service key reads', () => {
  it('is a trace without its payloads', async () => {
    const { key } = await makeScene();
    const answer = await get(`/api/v1/traces/${traceId}`, key);
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({
      events: 1,
      isCut: false,
      items: [{ id: 'first', agent: 'billing-bot', startedAt: '2026-11-22T08:00:00.000123Z' }],
    });
    expect(text).not.toContain('notes.txt');
  });

  it('is agents by slug, and alerts by change', async () => {
    const { key } = await makeScene();
    const agents: unknown = await (await get('/api/v1/agents?limit=1', key)).json();
    expect(agents).toMatchObject({ items: [{ slug: 'billing-bot' }], next: null });
    const alerts: unknown = await (await get('/api/v1/alerts', key)).json();
    expect(alerts).toMatchObject({ items: [], next: expect.any(String) });
  });

  it('is nothing of another tenant', async () => {
    await makeScene();
    const other = await makeTenant(bed);
    const key = await makeKey(other.id, 'service');
    expect((await get(`/api/v1/traces/${traceId}`, key)).status).toBe(404);
    expect(await (await get('/api/v1/agents', key)).json()).toEqual({ items: [], next: null });
  });

  it.each(['agent', 'ingest', 'enforcer'] as const)(
    'is nothing for a key of kind %s',
    async (kind) => {
      const { tenantId } = await makeScene();
      const key = await makeKey(tenantId, kind);
      for (const path of ['/api/v1/alerts', '/api/v1/agents', `/api/v1/traces/${traceId}`]) {
        expect((await get(path, key)).status, path).toBe(403);
      }
    },
  );

  it.each([
    '/api/v1/alerts?limit=0',
    '/api/v1/alerts?since=nowhere',
    '/api/v1/agents?limit=x',
    '/api/v1/traces/xyz',
  ])('refuses %s with what is wrong', async (path) => {
    const { key } = await makeScene();
    const answer = await get(path, key);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ type: '/problems/bad-request' });
  });
});
