import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { clusterDir } from './data-folder.ts';
import { startOwnServer } from './open-database.ts';
import { keepServer } from './run-stack.ts';

it('leaves no Postgres behind that was being started again when it was stopped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-keep-'));
  chmodSync(folder, 0o711);
  const { server } = await startOwnServer(folder);
  const said = Promise.withResolvers<string>();
  const kept = keepServer(folder, server, said.resolve);
  try {
    process.kill(server.pid, 'SIGKILL');
    expect(await said.promise).toBe('Postgres ended; starting it again');
    await kept.stop();
    expect(existsSync(join(clusterDir(folder), 'postmaster.pid'))).toBe(false);
  } finally {
    await kept.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
