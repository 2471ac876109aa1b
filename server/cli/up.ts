import { once } from 'node:events';
import type { EmbeddedPostgres } from '#db/embedded.ts';
import { createDb } from '#db/client.ts';
import { startDemo } from '#server/demo/start-demo.ts';
import type { Env } from '#server/kernel/env.ts';
import { buildPages } from './build-pages.ts';
import { contextOf } from './actor.ts';
import { isLoopbackHost, refusalOfAddress } from './check-address.ts';
import type { Call, Command, ExitCode } from './command.ts';
import { ensureSecretFiles, prepareDataFolder } from './data-folder.ts';
import { type DataFolderLock, holderOf, lockDataFolder } from './lock-data-folder.ts';
import { type DatabaseUrls, externalUrls, isExternal, startOwnServer } from './open-database.ts';
import { demoTenant, type FirstPerson, fillEmptyDatabase } from './first-run.ts';
import { keepFleet } from './keep-fleet.ts';
import { migrateAll } from './migrate-all.ts';
import { showStep } from './progress.ts';
import { finishExchange } from './master-key-rotate.ts';
import { keepServer, startStack } from './run-stack.ts';
import { clearRunning, writeRunning } from './running.ts';

/** A short command of ours may hold the folder a moment; another `up` does for good. */
const lockWaitMs = 10_000;

/** What has been started so far, ended in reverse order. */
type Closers = (() => Promise<void> | void)[];

async function takeFolder(folder: string): Promise<DataFolderLock> {
  const isUp = () => holderOf(folder)?.command === 'up';
  const lock =
    (await lockDataFolder(folder, 'up', 0)) ??
    (isUp()
      ? await lockDataFolder(folder, 'up', 500)
      : await lockDataFolder(folder, 'up', lockWaitMs));
  if (lock) return lock;
  throw new Error(
    `Signalbox already runs on ${folder} (pid ${holderOf(folder)?.pid ?? 'unknown'}). ` +
      'Stop it first, or set SIGNALBOX_DATA_DIR to another folder.',
  );
}

/** Aborts at the first Ctrl-C or SIGTERM; later ones change nothing, we are stopping already. */
function stopSignal(): AbortSignal {
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => asked.abort());
  }
  // The shim that started us is gone: nobody could stop us any more.
  process.once('disconnect', () => asked.abort());
  return asked.signal;
}

async function openOwn(
  env: Env,
  folder: string,
): Promise<{ urls: DatabaseUrls; server: EmbeddedPostgres | null }> {
  if (isExternal(env)) return { urls: await externalUrls(env), server: null };
  return startOwnServer(folder);
}

/** The first people and the wish for a fleet, on an empty database; null on any other. */
async function makePeople(
  env: Env,
  ownerUrl: string,
  folder: string,
): Promise<readonly FirstPerson[] | null> {
  const db = createDb(ownerUrl, { connectionsMax: 2, applicationName: 'signalbox-up' });
  try {
    const people = await fillEmptyDatabase(db, env.SIGNALBOX_BOOTSTRAP_PASSWORD ?? null);
    if (people && isLoopbackHost(env.HOST)) {
      await startDemo(await contextOf(db, demoTenant), folder);
    }
    return people;
  } finally {
    await db.$client.end({ timeout: 5 });
  }
}

/** Passwords are printed here and never again; one that the environment chose is not repeated. */
function answerReady(call: Call, url: string, people: readonly FirstPerson[] | null): void {
  const isChosen = call.env.SIGNALBOX_BOOTSTRAP_PASSWORD !== undefined;
  const shown = (people ?? []).map((person) => ({
    ...person,
    password: isChosen ? null : person.password,
  }));
  const lines = shown.map(
    ({ email, password }) =>
      `  ${email.padEnd(24)} ${password ?? '(SIGNALBOX_BOOTSTRAP_PASSWORD)'}`,
  );
  const heading = ['', 'People of the demo tenant; the passwords are shown this once:', ...lines];
  call.answer(
    { url, people: shown },
    [`Signalbox is ready: ${url}`, ...(shown.length > 0 ? heading : []), ''].join('\n'),
  );
}

async function startAll(call: Call, closers: Closers, stopped: AbortSignal): Promise<void> {
  const { env } = call;
  const root = env.SIGNALBOX_ROOT ?? process.cwd();
  const folder = prepareDataFolder(env);
  const lock = await takeFolder(folder);
  closers.push(() => lock.release());
  ensureSecretFiles(env);
  const { urls, server } = await showStep('Database', async () => {
    const opened = await openOwn(env, folder);
    if (opened.server) {
      const kept = keepServer(folder, opened.server, call.say);
      closers.push(() => kept.stop());
    }
    await migrateAll(opened.urls.owner);
    if (opened.server) await finishExchange(env, opened.urls.owner, call.say);
    return opened;
  });
  const running = {
    pid: process.pid,
    socketDir: server?.socketDir ?? null,
    url: null,
    hasFleet: false,
  };
  writeRunning(folder, running);
  closers.push(() => clearRunning(folder));
  const isDevelopment = call.flags['dev'] === true;
  stopped.throwIfAborted();
  if (!isDevelopment) await buildPages(root, stopped);
  const stack = await showStep('Web and worker', () =>
    startStack({
      env,
      root,
      urls,
      isDevelopment,
      allowDemo: call.flags['allow-demo'] === true,
      say: call.say,
      stopped,
    }),
  );
  closers.push(() => stack.stop());
  writeRunning(folder, { ...running, url: stack.url });
  // After the start, so that nobody is made whose password a failed start never printed.
  const people = call.flags['empty'] === true ? null : await makePeople(env, urls.owner, folder);
  if (isLoopbackHost(env.HOST)) {
    const endFleet = keepFleet({
      folder,
      stack,
      say: call.say,
      onChange: (hasFleet) => writeRunning(folder, { ...running, url: stack.url, hasFleet }),
    });
    closers.push(endFleet);
  }
  answerReady(call, env.SIGNALBOX_URL ?? stack.url, people);
}

async function run(call: Call): Promise<ExitCode> {
  const { env } = call;
  const refusal = refusalOfAddress({
    host: env.HOST,
    publicUrl: env.SIGNALBOX_URL ?? null,
    trustProxy: env.SIGNALBOX_TRUST_PROXY ?? null,
  });
  if (refusal !== null) throw new Error(refusal);
  const stopped = stopSignal();
  const closers: Closers = [];
  try {
    await startAll(call, closers, stopped);
    if (!stopped.aborted) await once(stopped, 'abort');
    call.say('Stopping …');
    return 0;
  } catch (error) {
    if (!stopped.aborted) throw error;
    return 0;
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** `signalbox up`: everything on one machine, until Ctrl-C. */
export const upCommand: Command = {
  usage: '[--empty] [--allow-demo] [--dev]',
  summary: 'run Signalbox on this machine: database, pages, worker, demo fleet',
  options: {
    empty: { type: 'boolean' },
    'allow-demo': { type: 'boolean' },
    dev: { type: 'boolean' },
  },
  positionalsMin: 0,
  positionalsMax: 0,
  run,
};
