import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createSql } from './client.ts';
import { findServerHost, type ServerHost } from './embedded-host.ts';
import { stopOrphan } from './embedded-orphan.ts';

/** A running Postgres of our own, reachable only over a Unix socket. */
export interface EmbeddedPostgres {
  /** URL of the administrator's login on database `postgres`. */
  readonly adminUrl: string;
  /** Same server, other database and login. */
  readonly url: (database: string, user: string, password: string) => string;
  readonly pid: number;
  readonly socketDir: string;
  /** Resolves when the server is gone, whoever ended it. */
  readonly gone: Promise<void>;
  /** Fast shutdown; resolves when the server is gone. */
  readonly stop: () => Promise<void>;
}

export interface EmbeddedOptions {
  /** Folder of the cluster; made when missing. */
  readonly dataDir: string;
  /** Folder of the Unix socket, at most 85 characters; chosen when absent. */
  readonly socketDir?: string;
  /** Server settings beside ours, as `name=value`. */
  readonly settings?: readonly string[];
}

const startTimeoutMs = 60_000;
const logBytesMax = 10 * 1024 * 1024;

/** What is written to the server's log says that backends of a killed server are still ending. */
const stillEnding = /pre-existing shared memory block|is another postmaster/i;

function initialise(host: ServerHost): void {
  const passwordFile = join(host.socketDir, `.password-${randomBytes(6).toString('hex')}`);
  const password = randomBytes(24).toString('base64url');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (host.account) chownSync(passwordFile, host.account.uid, host.account.gid);
  try {
    const how = host.launch(host.initdb, [
      `--pgdata=${host.dataDir}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ]);
    const result = spawnSync(how.command, how.args, {
      ...how.account,
      encoding: 'utf8',
      cwd: '/',
    });
    if (result.status !== 0) {
      throw new Error(`initdb failed: ${result.error?.message ?? result.stderr}`);
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
  const kept = adminPasswordFile(host.dataDir);
  writeFileSync(kept, password, { mode: 0o600 });
  if (host.account) chownSync(kept, host.account.uid, host.account.gid);
}

const adminPasswordFile = (dataDir: string) => join(dataDir, 'signalbox-admin-password');

/** URL of a login on the server that listens in `socketDir`. */
export function embeddedUrl(
  socketDir: string,
  database: string,
  user: string,
  password: string,
): string {
  return `postgres://${user}:${password}@localhost:5432/${database}?host=${encodeURIComponent(socketDir)}`;
}

/**
 * Starts the server of `dataDir`, making the cluster first when there is none, and ending first
 * what a killed start left behind. The caller makes sure that it is alone on this folder.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const host = await findServerHost(options.dataDir, options.socketDir);
  await stopOrphan(host.dataDir);
  // An initdb that was killed half-way leaves PG_VERSION but not our password file.
  if (!existsSync(adminPasswordFile(host.dataDir))) {
    rmSync(host.dataDir, { recursive: true, force: true });
    initialise(await findServerHost(options.dataDir, options.socketDir));
  }
  const password = readFileSync(adminPasswordFile(host.dataDir), 'utf8');
  const adminUrl = embeddedUrl(host.socketDir, 'postgres', 'postgres', password);
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const server = launchServer(host, options.settings ?? []);
    const failure = await waitUntilReady(server, adminUrl, deadline);
    if (failure === null) {
      return {
        adminUrl,
        url: (database, user, secret) => embeddedUrl(host.socketDir, database, user, secret),
        pid: server.child.pid ?? 0,
        socketDir: host.socketDir,
        gone: server.gone,
        stop: () => stopServer(server),
      };
    }
    if (!stillEnding.test(failure) || Date.now() > deadline) {
      await stopServer(server);
      throw new Error(`Postgres does not start: ${failure.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly logFile: string;
  readonly gone: Promise<void>;
}

function launchServer(host: ServerHost, extra: readonly string[]): Server {
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${host.socketDir}`,
    'unix_socket_permissions=0700',
    'max_connections=200',
    'shared_buffers=256MB',
    'max_wal_size=2GB',
    'wal_compression=on',
    // Statistics of a table that fills within seconds: plans made for an empty one read too much.
    'autovacuum_naptime=10s',
    'log_min_messages=warning',
    ...extra,
  ];
  const how = host.launch(host.postgres, [
    '-D',
    host.dataDir,
    '-p',
    '5432',
    ...settings.flatMap((setting) => ['-c', setting]),
  ]);
  const logFile = `${host.dataDir}.log`;
  const isLong = existsSync(logFile) && statSync(logFile).size > logBytesMax;
  const log = openSync(logFile, isLong ? 'w' : 'a', 0o600);
  const child = spawn(how.command, how.args, {
    ...how.account,
    cwd: '/',
    // A file, not a pipe: the server outlives a killed parent until the next start ends it.
    stdio: ['ignore', log, log],
    // Its own group: a Ctrl-C in the terminal must not reach it before we have finished writing.
    detached: true,
  });
  closeSync(log);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return { child, logFile, gone };
}

const isGone = (child: ChildProcess) =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/** Null when the server answers; otherwise what its log says last. */
async function waitUntilReady(
  server: Server,
  adminUrl: string,
  deadline: number,
): Promise<string | null> {
  for (;;) {
    const sql = createSql(adminUrl, { connectionsMax: 1 });
    try {
      await sql`select 1`;
      return null;
    } catch {
      if (isGone(server.child) || Date.now() > deadline) {
        return readFileSync(server.logFile, 'utf8').slice(-2000);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}

async function stopServer(server: Server): Promise<void> {
  // SIGINT is Postgres's fast shutdown: sessions end, a checkpoint is written.
  if (!isGone(server.child)) server.child.kill('SIGINT');
  await server.gone;
}
