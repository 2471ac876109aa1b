import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createDb } from '#db/client.ts';
import { migrateDatabase } from '#db/migrate.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { createTenant } from '#server/auth/create-tenant.ts';
import { commandLine } from '#server/cli/actor.ts';
import { ensureSecretFiles } from '#server/cli/data-folder.ts';
import { findFreePort } from '#server/cli/free-port.ts';
import { type DatabaseUrls, startOwnServer } from '#server/cli/open-database.ts';
import { tenantSeeders } from '#server/cli/tenant-seeders.ts';
import { childEnv, readEnv } from '#server/kernel/env.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { type HoldingProxy, startHoldingProxy } from '#server/testing/holding-proxy.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const tenant = { slug: 'crash', name: 'Crash campaign' } as const;
const readySchema = z.object({ kind: z.literal('ready') });

/** What can be killed. */
export const victims = ['web', 'worker', 'postgres'] as const;
export type Victim = (typeof victims)[number];

/** A whole Signalbox whose parts can be killed one by one; pages aside. */
export interface CrashStack {
  /** Its data folder, with the secret files. */
  readonly folder: string;
  readonly proxy: HoldingProxy;
  /** A key that posts telemetry for the campaign's tenant. */
  readonly key: string;
  readonly tenantId: TenantId;
  readonly tenantSlug: string;
  /** Logins of the database; change when Postgres is started again. */
  readonly urls: () => DatabaseUrls;
  /** Parts that ended without being killed by us. */
  readonly selfEnded: () => readonly string[];
  /** The superuser's URL: what is really stored. Changes when Postgres is started again. */
  readonly adminUrl: () => string;
  /** kill -9, nothing else. */
  readonly kill: (victim: Victim) => Promise<void>;
  /** Starts it again and waits until it is ready. */
  readonly restart: (victim: Victim) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Children that are being ended on purpose. */
const ending = new WeakSet<ChildProcess>();

async function startChild(
  args: readonly string[],
  env: Record<string, string>,
  onSelfEnd: (what: string) => void,
) {
  const child = spawn(process.execPath, [...args], {
    stdio: ['ignore', 2, 2, 'ipc'],
    env: childEnv(env),
  });
  const ready = new Promise<void>((resolveReady, reject) => {
    child.on('message', (message) => {
      if (readySchema.safeParse(message).success) resolveReady();
    });
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
  });
  await ready;
  child.once('exit', (code, signal) => {
    if (!ending.has(child)) onSelfEnd(`${args.at(-1) ?? ''} ended with ${code ?? signal}`);
  });
  return child;
}

async function endChild(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  ending.add(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

async function makeTenantKey(
  urls: DatabaseUrls,
): Promise<{ readonly key: string; readonly tenantId: TenantId }> {
  const db = createDb(urls.owner, { connectionsMax: 2 });
  try {
    const { ctx } = await createTenant(db, commandLine(), tenant, tenantSeeders);
    const { key } = await issueKey(ctx, { kind: 'ingest', name: 'crash campaign' });
    return { key, tenantId: ctx.tenantId };
  } finally {
    await db.$client.end({ timeout: 5 });
  }
}

/**
 * Starts database, doors, worker and the proxy before them in a temporary folder.
 * @param extra environment of doors and worker beside the usual
 */
export async function startCrashStack(
  extra: Readonly<Record<string, string>> = {},
): Promise<CrashStack> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-crash-'));
  chmodSync(folder, 0o711);
  const common = {
    ...extra,
    SIGNALBOX_DATA_DIR: folder,
    SIGNALBOX_LOG_LEVEL: 'fatal',
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
  };
  ensureSecretFiles(readEnv({ ...common, NODE_ENV: 'production' }));
  let postgres = await startOwnServer(folder);
  await migrateDatabase(postgres.urls.owner);
  const { key, tenantId } = await makeTenantKey(postgres.urls);
  const port = await findFreePort('127.0.0.1');
  const proxy = await startHoldingProxy();
  proxy.aim(port);
  const selfEnded: string[] = [];
  const noteEnd = (what: string) => selfEnded.push(what);
  const startWeb = () =>
    startChild(
      [join(root, 'server', 'testing', 'doors-process.ts')],
      { ...common, PORT: String(port), DATABASE_URL: postgres.urls.app },
      noteEnd,
    );
  const startWorker = () =>
    startChild(
      [join(root, 'server', 'cli.ts'), 'worker'],
      { ...common, SIGNALBOX_WORKER_DATABASE_URL: postgres.urls.worker },
      noteEnd,
    );
  let [web, worker] = await Promise.all([startWeb(), startWorker()]);
  return {
    folder,
    proxy,
    key,
    tenantId,
    tenantSlug: tenant.slug,
    urls: () => postgres.urls,
    selfEnded: () => selfEnded,
    adminUrl: () => postgres.server.adminUrl.replace('/postgres?', '/signalbox?'),
    kill: async (victim) => {
      if (victim === 'web') await endChild(web, 'SIGKILL');
      else if (victim === 'worker') await endChild(worker, 'SIGKILL');
      else {
        process.kill(postgres.server.pid, 'SIGKILL');
        await postgres.server.gone;
      }
    },
    restart: async (victim) => {
      if (victim === 'web') web = await startWeb();
      else if (victim === 'worker') worker = await startWorker();
      else postgres = await startOwnServer(folder);
    },
    stop: async () => {
      await proxy.close();
      await Promise.all([endChild(web, 'SIGTERM'), endChild(worker, 'SIGTERM')]);
      await postgres.server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
