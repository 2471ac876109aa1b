import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { z } from 'zod';
import { ownServerTest as test } from './own-server.ts';
import { processesOf, run } from './run-command.ts';

const runningSchema = z.object({ pid: z.number() });

test('up shares its folder with no second one, recovers from kill -9, and ends with the channel of its shim', async ({
  dataDir,
  start,
}) => {
  const first = await start({ args: ['--empty'] });
  const refused = run(dataDir, ['up', '--empty', '--json']);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('already runs');
  expect((await fetch(`${first.url}/healthz`)).status).toBe(200);

  const running = readFileSync(join(dataDir, 'running.json'), 'utf8');
  process.kill(runningSchema.parse(JSON.parse(running)).pid, 'SIGKILL');
  await once(first.child, 'exit');
  await expect
    .poll(() => processesOf(dataDir).filter(({ command }) => /cli\.ts/.test(command)))
    .toEqual([]);
  const second = await start({ args: ['--empty'] });
  expect((await fetch(`${second.url}/readyz`)).status).toBe(200);

  second.child.kill('SIGKILL');
  await expect.poll(() => processesOf(dataDir), { timeout: 20_000 }).toEqual([]);
});

test('up starts web, worker and Postgres again when they are killed', async ({
  dataDir,
  start,
}) => {
  test.setTimeout(180_000);
  const server = await start({ args: ['--empty'] });
  for (const part of [/cli\.ts web/, /cli\.ts worker/, /postgres -D/]) {
    const victim = processesOf(dataDir).find(({ command }) => part.test(command));
    expect(victim, String(part)).toBeDefined();
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    await expect
      .poll(
        () => processesOf(dataDir).some((one) => part.test(one.command) && one.pid !== victim?.pid),
        { timeout: 20_000 },
      )
      .toBe(true);
    await expect
      .poll(
        () =>
          fetch(`${server.url}/readyz`).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 40_000 },
      )
      .toBe(200);
  }
  expect(await server.stop()).toBe(0);
  expect(processesOf(dataDir)).toEqual([]);
});

test('up refuses to serve other machines in the clear', ({ dataDir }) => {
  const result = run(dataDir, ['up', '--empty', '--json'], { HOST: '0.0.0.0' });
  expect(result.code).toBe(1);
  expect(result.err).toContain('https');
});

test('web and worker refuse to start without a database and without secrets', ({ dataDir }) => {
  const noDatabase = run(dataDir, ['web', '--json']);
  expect(noDatabase).toMatchObject({ code: 1 });
  expect(noDatabase.err).toContain('DATABASE_URL is not set');
  const url = 'postgres://nobody:x@127.0.0.1:1/none';
  const noSecrets = run(dataDir, ['worker', '--json'], { SIGNALBOX_WORKER_DATABASE_URL: url });
  expect(noSecrets).toMatchObject({ code: 1 });
  expect(noSecrets.err).toContain('secret files');
});
