import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { z } from 'zod';
import {
  makeDataDir,
  root,
  type StartedServer,
  type StartOptions,
  startServer,
} from './start-server.ts';

const shim = join(root, 'bin', 'signalbox.js');
const runningSchema = z.object({ pid: z.number() });

/** Pids of what runs on a data folder: `up`, its parts, its database. */
function processesOf(dataDir: string): { pid: number; command: string }[] {
  const listed = spawnSync('ps', ['-eo', 'pid=,args=', 'e', '-ww'], { encoding: 'utf8' }).stdout;
  return listed
    .split('\n')
    .filter((line) => line.includes(dataDir) && /cli\.ts|postgres/.test(line))
    .filter((line) => !/ps -eo/.test(line))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.slice(0, 160) }));
}

/** A command of the command line on a data folder. */
function run(dataDir: string, args: readonly string[], env: Record<string, string> = {}) {
  const result = spawnSync(process.execPath, [shim, ...args], {
    encoding: 'utf8',
    env: { ...process.env, SIGNALBOX_DATA_DIR: dataDir, PORT: '0', ...env },
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

test.describe('signalbox up', () => {
  // One after the other: each starts a whole Signalbox of its own, and one says how fast.
  test.describe.configure({ mode: 'default' });
  let dataDir: string;
  let started: StartedServer[] = [];
  const start = async (options: StartOptions) => {
    const server = await startServer(options);
    started.push(server);
    return server;
  };
  test.beforeEach(() => {
    dataDir = makeDataDir();
  });
  test.afterEach(async () => {
    // A test that failed half-way must not leave its server behind.
    for (const server of started) await server.stop();
    started = [];
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('keeps its data, starts again at once, and leaves nothing behind', async () => {
    const first = await start({ dataDir, args: ['--empty'] });
    expect(run(dataDir, ['tenant', 'create', 'kept']).code).toBe(0);
    expect(await first.stop()).toBe(0);
    expect(processesOf(dataDir)).toEqual([]);
    for (const name of ['secret', 'master-key', 'log-key', 'permit-key']) {
      expect(statSync(join(dataDir, `${name}.secret`)).mode & 0o777).toBe(0o600);
    }
    const cluster = () => statSync(join(dataDir, 'postgres', 'PG_VERSION')).mtimeMs;
    const made = cluster();
    const startedMs = performance.now();
    const second = await start({ dataDir, args: ['--empty'] });
    // Alone on the machine it takes 3 s; here the run's own server and browser work beside it.
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(second.log()).not.toContain('Building the pages');
    expect(cluster()).toBe(made);
    expect(run(dataDir, ['tenant', 'create', 'kept', '--json']).out).toContain('conflict');
    expect(await second.stop()).toBe(0);
  });

  test('recovers from kill -9, and no web or worker outlives it', async () => {
    const first = await start({ dataDir, args: ['--empty'] });
    const running = readFileSync(join(dataDir, 'running.json'), 'utf8');
    process.kill(runningSchema.parse(JSON.parse(running)).pid, 'SIGKILL');
    await once(first.child, 'exit');
    await expect
      .poll(() => processesOf(dataDir).filter(({ command }) => /cli\.ts/.test(command)))
      .toEqual([]);
    const second = await start({ dataDir, args: ['--empty'] });
    expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
    expect(await second.stop()).toBe(0);
    expect(processesOf(dataDir)).toEqual([]);
  });

  test('does not share its folder with a second one', async () => {
    const first = await start({ dataDir, args: ['--empty'] });
    const second = run(dataDir, ['up', '--empty', '--json']);
    expect(second.code).toBe(1);
    expect(second.err).toContain('already runs');
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
    expect(await first.stop()).toBe(0);
  });

  test('starts web, worker and Postgres again when they are killed', async () => {
    const server = await start({ dataDir, args: ['--empty'] });
    for (const part of [/cli\.ts web/, /cli\.ts worker/, /postgres -D/]) {
      const victim = processesOf(dataDir).find(({ command }) => part.test(command));
      expect(victim, String(part)).toBeDefined();
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      await expect
        .poll(() =>
          processesOf(dataDir).some((one) => part.test(one.command) && one.pid !== victim?.pid),
        )
        .toBe(true);
      await expect
        .poll(
          () =>
            fetch(`${server.url}/readyz`).then(
              ({ status }) => status,
              () => 0,
            ),
          {
            timeout: 40_000,
          },
        )
        .toBe(200);
    }
    expect(await server.stop()).toBe(0);
    expect(processesOf(dataDir)).toEqual([]);
  });

  test('refuses to serve other machines in the clear', () => {
    const result = run(dataDir, ['up', '--empty', '--json'], { HOST: '0.0.0.0' });
    expect(result.code).toBe(1);
    expect(result.err).toContain('https');
  });

  test('web and worker refuse to start without a database and without secrets', () => {
    const noDatabase = run(dataDir, ['web', '--json']);
    expect(noDatabase).toMatchObject({ code: 1 });
    expect(noDatabase.err).toContain('DATABASE_URL is not set');
    const url = 'postgres://nobody:x@127.0.0.1:1/none';
    const noSecrets = run(dataDir, ['worker', '--json'], { SIGNALBOX_WORKER_DATABASE_URL: url });
    expect(noSecrets).toMatchObject({ code: 1 });
    expect(noSecrets.err).toContain('secret files');
  });

  test('ends with the channel of its shim', async () => {
    const child = spawn(process.execPath, [shim, 'up', '--empty', '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, SIGNALBOX_DATA_DIR: dataDir, PORT: '0' },
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await expect.poll(() => processesOf(dataDir), { timeout: 20_000 }).toEqual([]);
  });
});
