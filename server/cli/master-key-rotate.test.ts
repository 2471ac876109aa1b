import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { masterKeyName } from '#server/credentials/key-management.ts';
import { childEnv, readEnv, secretFile } from '#server/kernel/env.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { testMasterKey } from '#server/testing/hold-tools.ts';
import { makeLeaseScene } from '#server/testing/lease-scene.ts';
import { ensureSecretFiles } from './data-folder.ts';
import { bytesOfSecret, fingerprintsOf, openSecrets, readSecrets } from './make-services.ts';
import { finishExchange, masterKeyRotateCommand } from './master-key-rotate.ts';

const bed = openTestDatabase();
const node = join(process.cwd(), 'node_modules/node/bin/node');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A data folder whose master key is given, or that of the database by now. */
function makeFolder(masterKey: Uint8Array) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-exchange-'));
  folders.push(folder);
  const variables = {
    NODE_ENV: 'test',
    SIGNALBOX_DATA_DIR: folder,
    DATABASE_URL: bed.database.appUrl,
    SIGNALBOX_WORKER_DATABASE_URL: bed.database.workerUrl,
    SIGNALBOX_OWNER_DATABASE_URL: bed.database.ownerUrl,
  } as const;
  const env = readEnv(variables);
  const text = Buffer.from(masterKey).toString('base64url');
  writeFileSync(secretFile(env, 'MASTER_KEY'), `${text}\n`, { mode: 0o600 });
  ensureSecretFiles(env);
  const run = async (to: string, more: Readonly<Record<string, string>> = {}) => {
    const answers: string[] = [];
    const code = await masterKeyRotateCommand.run({
      env: readEnv({ ...variables, ...more }),
      flags: { to },
      positionals: [],
      say: () => undefined,
      answer: (_value, answer) => answers.push(answer),
    });
    return { code, text: answers.join('\n') };
  };
  return { folder, variables, env, text, run };
}

const names = async () =>
  (await bed.admin<{ name: string }[]>`select name from master_keys`).map((row) => row.name);

const waitFor = async (isSo: () => Promise<boolean>) => {
  while (!(await isSo())) await new Promise((done) => setImmediate(done));
};

describe('signalbox master-key rotate', () => {
  it('killed between two tenants leaves both keys in place, and its next run finishes with proof', async () => {
    const { folder, variables, env, text: former, run } = makeFolder(testMasterKey);
    const scenes = [await makeLeaseScene(bed), await makeLeaseScene(bed)];
    const [, last] = scenes
      .map(({ tenant }) => tenant)
      .toSorted((a, b) => (a.slug < b.slug ? -1 : 1));
    const to = join(folder, 'keys', 'next.secret');
    const held = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = bed.admin.begin(async (tx) => {
      await tx`select 1 from data_keys where tenant_id = ${uuidOf(last?.id ?? '')} for update`;
      locked.resolve();
      await held.promise;
    });
    await locked.promise;
    const child = spawn(node, ['server/cli.ts', 'master-key', 'rotate', '--to', to], {
      env: childEnv(variables),
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await waitFor(async () => {
      const [row] = await bed.admin<{ n: number }[]>`select count(*)::int as n from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`;
      return row?.n !== 0 || child.exitCode !== null;
    });
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    held.resolve();
    await holding;

    const made = readFileSync(to, 'utf8').trim();
    expect(statSync(to).mode & 0o777).toBe(0o600);
    expect(readSecrets(env).masterKeys).toEqual([made, former].map(bytesOfSecret));
    const wrapped = await bed.admin`select distinct wrapped_by from data_keys`;
    expect(wrapped).toHaveLength(2);
    expect((await openSecrets(bed.app, env)).derivationKey).toEqual(Buffer.from(testMasterKey));
    // Nobody begins another one over it: the key that still wraps half of it would be lost.
    await expect(run(join(folder, 'third.secret'))).rejects.toThrow(/not finished/);
    expect(readSecrets(env).masterKeys).toEqual([made, former].map(bytesOfSecret));

    const done = await run(to);
    expect(done.code).toBe(0);
    expect(done.text).toMatch(/2 data keys of \d+ tenants open with it, and none with local:/);
    expect(done.text).toMatch(/1 were wrapped anew just now/);
    expect(done.text).toContain(`${to} is a second copy of the new key`);
    expect(done.text).toMatch(/may be destroyed .*master-key-previous\.secret/);
    expect(await names()).toEqual([masterKeyName(bytesOfSecret(made))]);
    expect((await run(to)).text).toMatch(/0 were wrapped anew/);
    rmSync(join(folder, 'master-key-previous.secret'));
    expect((await openSecrets(bed.app, env)).derivationKey).toEqual(Buffer.from(testMasterKey));
    const alone = await run(to);
    expect(alone.text).not.toMatch(/destroyed/);
    const rest = makeFolder(bytesOfSecret(made));
    await expect(openSecrets(bed.app, makeFolder(testMasterKey).env)).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect((await openSecrets(bed.app, rest.env)).derivationKey).toHaveLength(32);
    // Left for the next test: it goes on from this key.
    world.present = bytesOfSecret(made);
  });

  it('waits for processes that do not know the new key, and a start of `up` finishes it', async () => {
    const { folder, env, run } = makeFolder(world.present);
    const before = fingerprintsOf(env);
    await bed.admin`insert into processes (id, role, host, fingerprints)
      values ('one', 'web', 'here', ${before})`;
    const to = join(folder, 'next.secret');
    await expect(run(to)).rejects.toThrow(
      /web on here would not know .* start "signalbox up" again/,
    );
    expect(await names()).toEqual([masterKeyName(world.present)]);
    // What it would be started with knows both keys, and wraps by the former one until then.
    const [next = new Uint8Array()] = readSecrets(env).masterKeys;
    expect(fingerprintsOf(env)).toMatch(/MASTER_KEY_PREVIOUS:[0-9a-f]{12}$/);
    const said: string[] = [];
    await finishExchange(env, bed.database.ownerUrl, (line) => said.push(line));
    expect(said.at(-1)).toMatch(/may be destroyed/);
    expect(await names()).toEqual([masterKeyName(next)]);
    await finishExchange(env, bed.database.ownerUrl, (line) => said.push(`again: ${line}`));
    expect(said.join('\n')).not.toContain('again');
    await bed.admin`delete from processes`;
    world.present = next;
  });

  it('touches no file where the environment says what the keys are', async () => {
    const { folder, env, text, run } = makeFolder(world.present);
    const to = join(folder, 'next.secret');
    const given = { SIGNALBOX_MASTER_KEY: text };
    const done = await run(to, given);
    expect(done.text).toMatch(/may be destroyed, unless/);
    expect(readFileSync(secretFile(env, 'MASTER_KEY'), 'utf8').trim()).toBe(text);
    expect(existsSync(join(folder, 'master-key-previous.secret'))).toBe(false);
    world.present = bytesOfSecret(readFileSync(to, 'utf8').trim());
  });

  it.each([
    ['open to others', (path: string) => chmodSync(path, 0o644), /chmod 600/],
    ['too short', (path: string) => writeFileSync(path, 'short'), /too short/],
  ])('refuses a new key that is %s', async (_name, spoil, says) => {
    const { folder, env, run } = makeFolder(world.present);
    const to = join(folder, 'next.secret');
    writeFileSync(to, 'k'.repeat(43), { mode: 0o600 });
    spoil(to);
    await expect(run(to)).rejects.toThrow(says);
    expect(readSecrets(env).masterKeys).toEqual([Buffer.from(world.present)]);
  });

  it('refuses where the present key is another than the database’s, and a former file that others may read', async () => {
    const { folder, env, run } = makeFolder(new Uint8Array(32).fill(5));
    const before = await names();
    await expect(run(join(folder, 'next.secret'))).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect(await names()).toEqual(before);
    const previous = join(folder, 'master-key-previous.secret');
    expect(existsSync(previous)).toBe(false);
    writeFileSync(previous, 'p'.repeat(43), { mode: 0o640 });
    expect(() => readSecrets(env)).toThrow(/master-key-previous\.secret may be read by others/);
  });
});

/** The master key of the database, from test to test. */
const world: { present: Uint8Array } = { present: testMasterKey };
