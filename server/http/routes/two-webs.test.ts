import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { issueKey } from '#server/agents/issue-key.ts';
import { ensureSecretFiles } from '#server/cli/data-folder.ts';
import { readServerSentEvents } from '#server/demo/follow-control.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { childEnv, readEnv } from '#server/kernel/env.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makePerson } from '#server/testing/factories.ts';
import { makeHoldScene } from '#server/testing/hold-scene.ts';

const bed = openTestDatabase();
const program = fileURLToPath(new URL('../../testing/doors-process.ts', import.meta.url));
const readySchema = z.object({ kind: z.literal('ready'), url: z.string() });
const stopSchema = z.looseObject({ id: z.string() });

interface WebProcess {
  readonly url: string;
  readonly child: ChildProcess;
}

async function startWebProcess(folder: string): Promise<WebProcess> {
  const child = fork(program, {
    env: childEnv({
      SIGNALBOX_DATA_DIR: folder,
      SIGNALBOX_LOG_LEVEL: 'fatal',
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: bed.database.appUrl,
    }),
  });
  const [message] = (await once(child, 'message')) as [unknown];
  return { child, url: readySchema.parse(message).url };
}

const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
const webs: WebProcess[] = [];

beforeAll(async () => {
  ensureSecretFiles(readEnv({ SIGNALBOX_DATA_DIR: folder, NODE_ENV: 'production' }));
  webs.push(...(await Promise.all([startWebProcess(folder), startWebProcess(folder)])));
});

afterAll(async () => {
  for (const { child } of webs) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

async function makeScene() {
  const { tenant } = await makeHoldScene(bed);
  const cli = makeCtx(bed.owner, tenant.id, cliActor);
  const payer = (await issueKey(cli, { kind: 'agent', name: 'payer', agent: 'payer', tools: [] }))
    .key;
  const service = (
    await issueKey(cli, { kind: 'service', name: 'service', agent: null, tools: [] })
  ).key;
  const post = (url: string, path: string, key: string, body: object) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(body),
    });
  const ask = async ({ url }: WebProcess) =>
    (await post(url, '/api/v1/actions', payer, { tool: 'read_file', args: { path: '/a' } })).status;
  const stop = async ({ url }: WebProcess) => {
    const order = { scope: { kind: 'agent', id: 'payer' }, level: 1, reason: 'test' };
    const answer = await post(url, '/api/v1/stops', service, order);
    return stopSchema.parse(await answer.json()).id;
  };
  const responder = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  return { payer, ask, stop, lift: (id: string) => liftStop(responder, id, 'test over') };
}

/** Follows the payer's control stream; `told` grows as it speaks. */
async function follow({ url }: WebProcess, key: string) {
  const abort = new AbortController();
  const { body } = await fetch(`${url}/api/v1/control?instanceId=pod-1`, {
    headers: { authorization: `Bearer ${key}` },
    signal: abort.signal,
  });
  if (body === null) throw new Error('no stream');
  const told: { readonly event: string; readonly data: string }[] = [];
  const ended = (async () => {
    for await (const frame of readServerSentEvents(body)) told.push(frame);
  })().catch(() => undefined);
  await expect.poll(() => told.length).toBeGreaterThan(0);
  return {
    of: (event: string) => told.filter((frame) => frame.event === event),
    end: async () => {
      abort.abort();
      await ended;
    },
  };
}

describe('two web processes on one database', () => {
  it('agree: a stop on one is told and enforced by the other, also when its own process dies', async () => {
    const [one, two] = webs;
    if (one === undefined || two === undefined) throw new Error('two webs were started');
    const { payer, ask, stop, lift } = await makeScene();
    expect([await ask(one), await ask(two)]).toEqual([200, 200]);
    const stream = await follow(one, payer);

    const id = await stop(two);
    // Acknowledged by one process, from there on refused by all.
    expect([await ask(one), await ask(two)]).toEqual([423, 423]);
    await expect.poll(() => stream.of('stop').length).toBe(1);
    expect(stream.of('stop')[0]?.data).toContain(id);

    const died = once(two.child, 'exit');
    two.child.kill('SIGKILL');
    await died;
    expect(await ask(one)).toBe(423);

    await lift(id);
    await expect.poll(() => stream.of('lift').length).toBe(1);
    expect(await ask(one)).toBe(200);
    await stream.end();
  });
});
