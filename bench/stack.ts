import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { createSql } from '#db/client.ts';
import { embeddedUrl } from '#db/embedded.ts';
import { clusterDir } from '#server/cli/data-folder.ts';
import { readRunning } from '#server/cli/running.ts';
import { childEnv } from '#server/kernel/env.ts';
import { mintTenantId, uuidOf } from '#server/kernel/ids.ts';
import { note } from './figure.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const shim = join(root, 'bin', 'signalbox.js');

/** A tenant of its own for one measurement, with ingest keys. */
export interface BenchTenant {
  readonly slug: string;
  /** As the database has it. */
  readonly uuid: string;
  readonly key: string;
  /** A second one: a single key may not ask as often as single events are taken in. */
  readonly otherKey: string;
}

/** The product as a user runs it: `signalbox up` on an empty data folder of its own. */
export interface Stack {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Superuser of the product's database: reads counts and cursors past row-level security. */
  readonly admin: Sql;
  /** The same, for a pool of one's own. */
  readonly adminUrl: string;
  /** The same server's superuser in another database, where floors are measured. */
  readonly floorUrl: string;
  /** Its data folder, with its secret files. */
  readonly dataDir: string;
  /** A free port where a bench may play a provider of credentials. */
  readonly providerPort: number;
  /** Process of `up`, parent of all others. */
  readonly pid: number;
  /** `18.4` */
  readonly postgresVersion: string;
  /** Runs a command and answers the JSON object of its last line. @throws Error when it fails. */
  readonly command: (args: readonly string[], input?: string) => Promise<unknown>;
  readonly makeTenant: () => Promise<BenchTenant>;
  /** Stops everything and removes the data folder. */
  readonly close: () => Promise<void>;
}

const upSchema = z.object({ url: z.string() });
const tenantSchema = z.object({ id: z.string() });
const keySchema = z.object({ key: z.string() });

/** Starts the product. Its own log goes to standard error; the pages are built first when needed. */
export async function startStack(): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const providerPort = await findFreePort();
  const env = childEnv({
    SIGNALBOX_DATA_DIR: folder,
    PORT: '0',
    DATABASE_URL: '',
    SIGNALBOX_PROVIDER_HOSTS: `127.0.0.1:${providerPort}`,
  });
  const up = spawn(process.execPath, [shim, 'up', '--empty', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    await endUp(up);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { url } = upSchema.parse(JSON.parse(await firstLineOf(up)));
    const urlOf = adminUrlOf(folder);
    const admin = createSql(urlOf('signalbox'), { connectionsMax: 2, applicationName: 'bench' });
    await admin`create database bench`;
    const [settings] = await admin<{ version: string; fsync: string; pages: string }[]>`
      select current_setting('server_version') as version, current_setting('fsync') as fsync,
        current_setting('full_page_writes') as pages`;
    if (settings?.fsync !== 'on' || settings.pages !== 'on') {
      throw new Error('Postgres runs without fsync or full_page_writes; nothing here would hold');
    }
    const command = (args: readonly string[], input = ''): Promise<unknown> =>
      runCommand(args, env, input);
    note(`up on ${url}`);
    return {
      url,
      admin,
      adminUrl: urlOf('signalbox'),
      dataDir: folder,
      providerPort,
      pid: up.pid ?? 0,
      floorUrl: urlOf('bench'),
      postgresVersion: settings.version,
      command,
      makeTenant: () => makeTenant(command),
      close: async () => {
        await admin.end();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function adminUrlOf(folder: string): (database: string) => string {
  const socketDir = readRunning(folder)?.socketDir;
  if (!socketDir) throw new Error('the product does not tell where its database listens');
  const password = readFileSync(join(clusterDir(folder), 'signalbox-admin-password'), 'utf8');
  return (database) => embeddedUrl(socketDir, database, 'postgres', password);
}

async function makeTenant(command: Stack['command']): Promise<BenchTenant> {
  const slug = `bench-${randomBytes(4).toString('hex')}`;
  const { id } = tenantSchema.parse(await command(['tenant', 'create', slug, '--json']));
  const makeKey = async () =>
    keySchema.parse(
      await command(['key', 'create', '--tenant', slug, '--kind', 'ingest', '--json']),
    ).key;
  return {
    slug,
    uuid: uuidOf(mintTenantId(id)),
    key: await makeKey(),
    otherKey: await makeKey(),
  };
}

/** The first line of a child's standard output. @throws Error when it ends before that. */
function firstLineOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it was ready`)));
  });
}

async function endUp(up: ChildProcess): Promise<void> {
  if (up.exitCode !== null || up.signalCode !== null) return;
  up.kill('SIGTERM');
  await once(up, 'exit');
}

async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string,
): Promise<unknown> {
  const child = spawn(process.execPath, [shim, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stdin.end(input);
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`signalbox ${args.join(' ')} failed: ${text}`);
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
}
