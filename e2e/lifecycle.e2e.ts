import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { loneTest as test } from './own-server.ts';
import { processesOf, run } from './run-command.ts';

test('up keeps its data, starts again at once, and leaves nothing behind', async ({
  dataDir,
  start,
}) => {
  const first = await start({ args: ['--empty'] });
  expect(run(dataDir, ['tenant', 'create', 'kept']).code).toBe(0);
  expect(await first.stop()).toBe(0);
  expect(processesOf(dataDir)).toEqual([]);
  for (const name of ['secret', 'master-key', 'log-key', 'permit-key']) {
    expect(statSync(join(dataDir, `${name}.secret`)).mode & 0o777).toBe(0o600);
  }
  const cluster = () => statSync(join(dataDir, 'postgres', 'PG_VERSION')).mtimeMs;
  const made = cluster();
  const startedMs = performance.now();
  const second = await start({ args: ['--empty'] });
  // Alone on the machine it takes 3 s; here the run's own server and browser work beside it.
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  expect(second.log()).not.toContain('Building the pages');
  expect(cluster()).toBe(made);
  expect(run(dataDir, ['tenant', 'create', 'kept', '--json']).out).toContain('conflict');
  expect(await second.stop()).toBe(0);
});
