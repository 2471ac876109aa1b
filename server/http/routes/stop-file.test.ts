import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDb } from '#db/client.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { startWeb, type Web } from '#server/http/main.ts';
import { readEnv } from '#server/kernel/env.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import type { Services } from '#server/kernel/services.ts';
import { type CuttableDatabase, openCuttableDatabase } from '#server/testing/cuttable-database.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { makeHoldScene } from '#server/testing/hold-scene.ts';
import { makeServices } from '#server/testing/make-services.ts';

const bed = openTestDatabase();
const folder = mkdtempSync(join(tmpdir(), 'signalbox-stop-file-'));
const stopFile = join(folder, 'STOP');
let database: CuttableDatabase;
let services: Services;
let web: Web;

beforeAll(async () => {
  database = await openCuttableDatabase(bed.database.appUrl);
  services = {
    ...makeServices(bed),
    env: readEnv({ NODE_ENV: 'test', SIGNALBOX_STOP_FILE: stopFile }),
    db: createDb(database.url, { connectionsMax: 10 }),
  };
  web = await startWeb({ services, host: '127.0.0.1', port: 0, hasPages: false });
});

afterAll(async () => {
  await web.close();
  await services.db.$client.end({ timeout: 2 });
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

async function makeDoor() {
  const { tenant } = await makeHoldScene(bed);
  const cli = makeCtx(bed.owner, tenant.id, cliActor);
  const { key } = await issueKey(cli, { kind: 'agent', name: 'a', agent: 'payer', tools: [] });
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(`http://127.0.0.1:${web.port}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const ask = () => post('/api/v1/actions', { tool: 'read_file', args: { path: '/a' } });
  const redeem = (permit: unknown) =>
    post('/api/v1/permits/redeem', { permit, args: { path: '/a' } });
  return { tenant, ask, redeem };
}

const stopsOf = (tenantId: Parameters<typeof uuidOf>[0]) => bed.admin<
  { placed_by_label: string; state: string }[]
>`select placed_by_label, state from stops
    where tenant_id = ${uuidOf(tenantId)} and scope_kind = 'tenant' and lifted_at is null`;

describe('the stop file', () => {
  it('halts with the database away, then stops every tenant, and its removal lifts nothing', async () => {
    const { tenant, ask, redeem } = await makeDoor();
    const idle = await makeTenant(bed);
    const early = await ask();
    expect(early).toMatchObject({ status: 200, body: { permitState: 'live' } });

    await database.cut();
    expect(await ask()).toMatchObject({ status: 503 });
    writeFileSync(stopFile, '');
    // No verdict on the key is to be had, and the answer is the stop's all the same.
    for (const answer of [await ask(), await redeem(early.body['permit'])]) {
      expect(answer).toMatchObject({
        status: 423,
        body: { type: '/problems/halted', scope: { kind: 'host' } },
      });
      expect(answer.body['detail']).toMatch(/stop file/);
    }
    expect(await stopsOf(tenant.id)).toEqual([]);

    await database.mend();
    for (const { id } of [tenant, idle]) {
      await expect
        .poll(() => stopsOf(id), { timeout: 20_000 })
        .toMatchObject([
          { state: 'active', placed_by_label: expect.stringMatching(/^system:stop-file@/) },
        ]);
    }

    rmSync(stopFile);
    await expect.poll(async () => (await ask()).body['scope']).toMatchObject({ kind: 'tenant' });
    expect(await redeem(early.body['permit'])).toMatchObject({ status: 423 });
    expect(await stopsOf(idle.id)).toHaveLength(1);
  });
});
