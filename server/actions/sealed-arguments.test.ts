import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { exportedLists } from '#server/http/routes/export-lists.ts';
import { startWeb, type Web } from '#server/http/main.ts';
import type { Services } from '#server/kernel/services.ts';
import { callOverHttp, type Caller, makeCallers } from '#server/testing/authorisation-callers.ts';
import { procedureTable } from '#server/testing/authorisation-table.ts';
import { fingerprintTenant } from '#server/testing/authorisation-targets.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx } from '#server/testing/factories.ts';
import { type HoldScene, makeHoldScene, vote } from '#server/testing/hold-scene.ts';
import { makeServices } from '#server/testing/make-services.ts';

const bed = openTestDatabase();
const marker = `marker-${randomBytes(12).toString('hex')}`;
const args = {
  path: `/home/${marker}.txt`,
  [marker]: [{ deep: marker }],
  content: `${marker} with a password: ${marker}-Hunter2!`,
};
/** Every spelling under which the marker could lie somewhere. */
const spellings = [
  marker,
  Buffer.from(marker).toString('hex'),
  Buffer.from(marker).toString('base64').slice(0, -4),
  Array.from(marker).toReversed().join(''),
];
const holdsMarker = (text: string) => spellings.some((spelling) => text.includes(spelling));

const world: {
  scene?: HoldScene;
  callers: Caller[];
  services?: Services;
  web?: Web;
  key?: string;
  logged: string[];
} = { callers: [], logged: [] };

const made = () => {
  const { scene, services, web, key } = world;
  if (!scene || !services || !web || !key) throw new Error('the world is not made yet');
  return { scene, services, url: `http://127.0.0.1:${web.port}`, key, web };
};

beforeAll(async () => {
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      world.logged.push(chunk.toString());
      done();
    },
  });
  world.services = { ...makeServices(bed), log: pino({ level: 'trace' }, stream) };
  world.web = await startWeb({
    services: world.services,
    host: '127.0.0.1',
    port: 0,
    hasPages: false,
  });
  world.scene = await makeHoldScene(bed);
  const cli = makeCtx(bed.owner, world.scene.tenant.id, cliActor);
  const { key } = await issueKey(cli, { kind: 'agent', name: 'k', agent: 'payer', tools: [] });
  world.key = key;
  const served = { ...made() };
  world.callers = await makeCallers(bed, served, world.scene.tenant.id);
});
afterAll(async () => {
  await world.web?.close();
  await world.services?.db.$client.end();
});

async function post(
  path: string,
  body: unknown,
  idempotencyKey: string = randomBytes(6).toString('hex'),
) {
  const { url, key } = made();
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

const ask = (body: object | string, key?: string) => post('/api/v1/actions', body, key);

describe('arguments of a held action', () => {
  it('are found nowhere: no table, no log line, nobody’s screen, no refusal', async () => {
    const { scene, url } = made();
    const held = await ask({ tool: 'write_file', args }, 'k');
    expect(held.status).toBe(202);
    const { id, approval } = JSON.parse(held.text) as { id: string; approval: { id: string } };

    // Everything that can go wrong with such a request.
    const refusals = [
      await ask({ tool: 'write_file', args: { ...args, more: 1 } }, 'k'),
      await ask({ tool: 'write_file', args, [marker]: 1 }),
      await ask({ tool: 'write_file', args: marker }),
      await ask({ tool: { [marker]: marker }, args }),
      await ask(`{"tool":"write_file","args":{"${marker}":`),
      await ask({ tool: 'write_file', args, traceId: marker }),
      await ask({ tool: 'write_file', args, supersedes: 'act_none' }),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([422, 400, 400, 400, 400, 400, 422]);
    expect(refusals.filter(({ text }) => holdsMarker(text))).toEqual([]);
    // A failure of the database in the midst of sealing is logged with its statement.
    await bed.admin.unsafe('revoke insert on sealed_arguments from signalbox_app');
    const failed = await ask({ tool: 'write_file', args });
    await bed.admin.unsafe('grant insert on sealed_arguments to signalbox_app');
    expect(failed.status).toBe(500);
    expect(world.logged.join('')).toContain('request failed');

    // Approved, redeemed with other arguments and with these.
    const [reviewer] = scene.reviewers;
    if (!reviewer) throw new Error('no reviewer');
    await vote(reviewer, approval.id);
    const { key } = made();
    const read = await fetch(`${url}/api/v1/actions/${id}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { permit } = (await read.json()) as { permit: string };
    const wrong = await post('/api/v1/permits/redeem', { permit, args: { ...args, path: marker } });
    expect([wrong.status, holdsMarker(wrong.text)]).toEqual([409, false]);
    const right = await post('/api/v1/permits/redeem', { permit, args });
    expect(right.status).toBe(200);

    const stored = await fingerprintTenant(bed, scene.tenant.id);
    expect(stored).toContain(id.length > 0 ? 'write_file' : '');
    expect(holdsMarker(stored)).toBe(false);
    expect(world.logged.filter(holdsMarker)).toEqual([]);
    expect(await leaksOnScreens(approval.id, id)).toEqual([]);
  }, 120_000);

  it('would be found by this test, if they were there', async () => {
    const { scene } = made();
    await bed.admin`update actions set reason = ${marker}
      where agent_id in (select id from agents where slug = 'payer') and tool = 'write_file'`;
    expect(holdsMarker(await fingerprintTenant(bed, scene.tenant.id))).toBe(true);
    await bed.admin`update actions set reason = null`;
  });
});

/** Procedures that change what is looked at; `open` and `reveal` by a reviewer are the one way in. */
const changing =
  /\.(vote|ask|place|lift|add|change\w*|remove|issue|revoke|register|end|ingest|acknowledge|resolve|enable|disable)$/;

async function leaksOnScreens(approvalId: string, actionId: string): Promise<string[]> {
  const { scene, ...served } = made();
  const leaks: string[] = [];
  for (const [path, row] of Object.entries(procedureTable)) {
    if (changing.test(path)) continue;
    const isMutation = path === 'approvals.open' || path === 'approvals.reveal';
    const type = isMutation ? 'mutation' : path.startsWith('live.') ? 'subscription' : 'query';
    const look = async (caller: Caller, id: string) => {
      if (isMutation && caller.principal === 'reviewer') return;
      const input = row.input?.({ id, fresh: 'x', tenantSlug: scene.tenant.slug });
      const call = { path, type, input, tenantSlug: scene.tenant.slug } as const;
      const { text } = await callOverHttp(served, caller, call);
      if (holdsMarker(text)) leaks.push(`${path} to ${caller.principal}`);
    };
    const ids = row.on === undefined ? [approvalId] : [approvalId, actionId, scene.agent.id];
    const callers = world.callers.filter((one) => one.headers !== null);
    await Promise.all(callers.flatMap((caller) => ids.map((id) => look(caller, id))));
  }
  for (const list of Object.keys(exportedLists)) {
    let isGiven = false;
    for (const caller of world.callers.filter((one) => one.userId !== null)) {
      const query = `tenant=${scene.tenant.slug}&format=jsonl&filter=${encodeURIComponent('{}')}`;
      const answer = await fetch(`${served.url}/api/v1/exports/${list}?${query}`, {
        headers: { ...caller.headers, 'sec-fetch-site': 'same-origin' },
      });
      isGiven ||= answer.ok;
      if (holdsMarker(await answer.text())) leaks.push(`export ${list} to ${caller.principal}`);
    }
    if (!isGiven) leaks.push(`export ${list} was given to nobody, so it proves nothing`);
  }
  return leaks;
}
