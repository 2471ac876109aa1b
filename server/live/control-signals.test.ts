import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSql } from '#db/client.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.ts';
import { newId, mintTenantId, uuidOf } from '#server/kernel/ids.ts';
import { createLog } from '#server/kernel/log.ts';
import { type ControlSignal, createControlSignals } from './control-signals.ts';

/** A server of its own, since it is killed. */
let folder: string;
let postgres: EmbeddedPostgres;

const start = () => startEmbeddedPostgres({ dataDir: join(folder, 'cluster') });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sb-hear-'));
  postgres = await start();
}, 120_000);

afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('createControlSignals', () => {
  it('hears again after Postgres was killed and started anew, and says that it may have missed', async () => {
    const tenantId = mintTenantId(newId('tenant'));
    const subjectId = newId('stop');
    const sql = createSql(postgres.adminUrl, { connectionsMax: 1 });
    const signals = createControlSignals(sql, createLog('fatal', 'test'));
    const heard: (ControlSignal | null)[] = [];
    signals.subscribe(tenantId, (signal) => heard.push(signal));
    const tell = (change: string) => {
      const payload = { t: uuidOf(tenantId), n: 'stop', s: subjectId, c: change, a: null };
      return sql.notify('signalbox_control', JSON.stringify({ ...payload, p: [1, '2', '3'] }));
    };
    const waitFor = (want: readonly unknown[]) =>
      expect.poll(() => heard, { timeout: 20_000 }).toMatchObject(want);
    try {
      await waitFor([null]);
      await tell('placed');
      await waitFor([null, { subjectId, change: 'placed' }]);
      process.kill(postgres.pid, 'SIGKILL');
      await postgres.gone;
      postgres = await start();
      await waitFor([null, { change: 'placed' }, null]);
      await tell('lifted');
      await waitFor([null, { change: 'placed' }, null, { subjectId, change: 'lifted' }]);
    } finally {
      await signals.close();
      await sql.end({ timeout: 1 });
    }
  }, 120_000);
});
