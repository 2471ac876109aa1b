import { createDb, createSql, type Db } from '#db/client.ts';
import { embeddedUrl, type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.ts';
import { chooseSocketDir } from '#db/embedded-host.ts';
import { loginRoles } from '#db/grants.ts';
import { migrateDatabase } from '#db/migrate.ts';
import { createDatabase, type LoginPasswords, prepareDatabase } from '#db/prepare-database.ts';
import type { Env } from '#server/kernel/env.ts';
import { clusterDir, ensureLogins, prepareDataFolder } from './data-folder.ts';
import { type DataFolderLock, holderOf, lockDataFolder } from './lock-data-folder.ts';
import { readRunning } from './running.ts';

/** Name of the database in the embedded cluster. */
export const databaseName = 'signalbox';

/** One URL for each login; never one login that changes role. */
export interface DatabaseUrls {
  readonly owner: string;
  readonly app: string;
  readonly worker: string;
}

/** Time that a short command of ours may hold the data folder before another gives up on it. */
const shortCommandMs = 30_000;

/** True when the environment names a Postgres of the user's own. */
export function isExternal(env: Env): boolean {
  return env.DATABASE_URL !== undefined || env.SIGNALBOX_OWNER_DATABASE_URL !== undefined;
}

function embeddedUrls(url: EmbeddedPostgres['url'], passwords: LoginPasswords): DatabaseUrls {
  const of = (key: keyof LoginPasswords) => url(databaseName, loginRoles[key], passwords[key]);
  return { owner: of('owner'), app: of('app'), worker: of('worker') };
}

/** Starts the embedded server of a data folder that we have locked, and makes its logins. */
export async function startOwnServer(
  folder: string,
): Promise<{ server: EmbeddedPostgres; urls: DatabaseUrls }> {
  const server = await startEmbeddedPostgres({ dataDir: clusterDir(folder) });
  const passwords = ensureLogins(folder);
  await createDatabase(server.adminUrl, databaseName, passwords);
  return { server, urls: embeddedUrls(server.url, passwords) };
}

function withLogin(url: string, role: string, password: string): string {
  const changed = new URL(url);
  changed.username = role;
  changed.password = password;
  return changed.toString();
}

async function canSignIn(url: string): Promise<boolean> {
  const sql = createSql(url, { connectionsMax: 1 });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/**
 * The logins of the user's own Postgres. All three URLs given: taken as they are. Only
 * `DATABASE_URL`: it is an administrator's, the logins are made with random passwords kept in the
 * data folder, and the administrator's URL itself is used for nothing else.
 * @throws Error when some but not all of the three are given.
 */
export async function externalUrls(env: Env): Promise<DatabaseUrls> {
  const app = env.DATABASE_URL;
  const worker = env.SIGNALBOX_WORKER_DATABASE_URL;
  const owner = env.SIGNALBOX_OWNER_DATABASE_URL;
  if (app && worker && owner) return { app, worker, owner };
  if (!app || worker || owner) {
    throw new Error(
      'Set DATABASE_URL, SIGNALBOX_WORKER_DATABASE_URL and SIGNALBOX_OWNER_DATABASE_URL ' +
        '("signalbox migrate --print" writes their SQL), or DATABASE_URL alone as an administrator.',
    );
  }
  const passwords = ensureLogins(prepareDataFolder(env));
  const of = (key: keyof LoginPasswords) => withLogin(app, loginRoles[key], passwords[key]);
  const urls = { owner: of('owner'), app: of('app'), worker: of('worker') };
  const isReady = await Promise.all([urls.owner, urls.app, urls.worker].map(canSignIn));
  if (isReady.includes(false)) await prepareDatabase(app, passwords);
  return urls;
}

/** A database that a command may use until it closes it. */
export interface OpenDatabase {
  readonly urls: DatabaseUrls;
  readonly close: () => Promise<void>;
}

/**
 * The database of this environment for one short command: the user's own, or the embedded one —
 * that of a running `up`, or, when none runs, started for as long as the command takes.
 * @throws Error when another process holds the data folder and its database does not answer.
 */
export async function openDatabase(env: Env, command: string): Promise<OpenDatabase> {
  if (isExternal(env)) {
    return { urls: await externalUrls(env), close: () => Promise.resolve() };
  }
  const folder = prepareDataFolder(env);
  for (const deadline = Date.now() + shortCommandMs; ;) {
    const lock = await lockDataFolder(folder, command, 0);
    if (lock) return startForShort(folder, lock);
    const running = runningUrls(folder);
    // Another short command's server ends with it: only that of `up` is safe to share.
    if (holderOf(folder)?.command === 'up' && (await canSignIn(running.owner))) {
      return { urls: running, close: () => Promise.resolve() };
    }
    if (Date.now() > deadline) {
      throw new Error(
        `Another signalbox process (pid ${holderOf(folder)?.pid ?? 'unknown'}) holds ${folder}, ` +
          'and its database does not answer.',
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The embedded server for as long as one short command takes. */
async function startForShort(folder: string, lock: DataFolderLock): Promise<OpenDatabase> {
  let server: EmbeddedPostgres | null = null;
  const close = async () => {
    await server?.stop();
    lock.release();
  };
  try {
    const started = await startOwnServer(folder);
    server = started.server;
    await migrateDatabase(started.urls.owner);
    return { urls: started.urls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function runningUrls(folder: string): DatabaseUrls {
  const socketDir = readRunning(folder)?.socketDir ?? chooseSocketDir(clusterDir(folder));
  return embeddedUrls(
    (database, user, password) => embeddedUrl(socketDir, database, user, password),
    ensureLogins(folder),
  );
}

/** Runs `work` with a pool of the owner's login, and closes everything after it. */
export async function withOwnerDatabase<T>(
  env: Env,
  command: string,
  work: (db: Db, urls: DatabaseUrls) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(env, command);
  const db = createDb(database.urls.owner, {
    connectionsMax: 2,
    applicationName: `signalbox-${command}`,
  });
  try {
    return await work(db, database.urls);
  } finally {
    await db.$client.end({ timeout: 5 });
    await database.close();
  }
}
