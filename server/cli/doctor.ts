import { readdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sql } from 'postgres';
import { createSql } from '#db/client.ts';
import { postgresVersionMin } from '#db/migrate.ts';
import { masterKeyName } from '#server/credentials/key-management.ts';
import type { Env } from '#server/kernel/env.ts';
import type { Call, Command, ExitCode } from './command.ts';
import { prepareDataFolder } from './data-folder.ts';
import {
  type Check,
  judgeAdmins,
  judgeClock,
  judgeDisk,
  judgeKeys,
  judgeLag,
  judgeMasterKey,
  judgeMigrations,
  judgeProcesses,
  judgeVersion,
  type ReaderLag,
  type SeenProcess,
} from './judge-health.ts';
import { fingerprintsOf, readSecrets } from './make-services.ts';
import { openDatabase } from './open-database.ts';

/** Readers of the log, whose lag is looked at. */
const consumers = ['assembler', 'detector', 'indexer'];

const migrationsFolder = join(dirname(fileURLToPath(import.meta.url)), '../../db/migrations');

/** Fingerprints of this machine's secret files; null when they are not in order. */
function ownFingerprints(env: Env): string | null {
  try {
    readSecrets(env);
    return fingerprintsOf(env);
  } catch {
    return null;
  }
}

async function checkServer(sql: Sql): Promise<Check[]> {
  const sentAt = Date.now();
  const [row] = await sql<{ version: number; now_ms: number }[]>`
    select current_setting('server_version_num')::int as version,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms`;
  const middle = (sentAt + Date.now()) / 2;
  const known = readdirSync(migrationsFolder).filter((file) => file.endsWith('.sql')).length;
  const [migrations] = await sql<{ applied: number }[]>`
    select count(*)::int as applied from drizzle.__drizzle_migrations`;
  return [
    judgeVersion(row?.version ?? 0, postgresVersionMin),
    judgeMigrations(migrations?.applied ?? 0, known),
    judgeClock(middle - (row?.now_ms ?? 0)),
  ];
}

/** What this machine's master keys are called; null when the secret files are not in order. */
function ownMasterKeys(env: Env): readonly string[] | null {
  try {
    return readSecrets(env).masterKeys.map(masterKeyName);
  } catch {
    return null;
  }
}

async function checkMasterKey(sql: Sql, env: Env): Promise<Check> {
  const rows = await sql<{ name: string }[]>`select name from master_keys order by created_at`;
  return judgeMasterKey(
    rows.map((row) => row.name),
    ownMasterKeys(env),
  );
}

async function checkProcesses(sql: Sql, env: Env): Promise<Check[]> {
  const seen = await sql<SeenProcess[]>`
    select role, host, fingerprints,
      extract(epoch from now() - last_seen_at)::float8 as "silentSeconds" from processes`;
  return [judgeProcesses(seen), judgeKeys(ownFingerprints(env), seen)];
}

/** Row-level security binds the owner too, so each tenant is asked in a transaction of its own. */
async function checkTenants(sql: Sql): Promise<Check[]> {
  const lags: ReaderLag[] = [];
  const admins = new Map<string, number>();
  const tenants = await sql<{ id: string; slug: string }[]>`select id, slug from tenants`;
  for (const { id, slug } of tenants) {
    await sql.begin('read only', async (tx) => {
      await tx`select set_config('app.tenant', ${id}, true)`;
      const behind = await tx<{ consumer: string; seconds: number }[]>`
        with reading as materialized (
          -- Apart: with a coalesce inside the comparison the log is read from its first event on.
          select w.consumer, coalesce(c.incarnation, 0::smallint) as incarnation,
            coalesce(c.xid, '0'::xid8) as xid, coalesce(c.seq, 0) as seq
          from unnest(${consumers}::text[]) as w (consumer)
          left join tail_cursors c on c.tenant_id = ${id} and c.consumer = w.consumer
        )
        select r.consumer, coalesce(extract(epoch from now() - (
          select e.received_at from events e
          where e.tenant_id = ${id}
            and (e.incarnation, e.xid, e.seq) > (r.incarnation, r.xid, r.seq)
          order by e.incarnation, e.xid, e.seq limit 1)), 0)::float8 as seconds
        from reading r`;
      for (const { consumer, seconds } of behind) {
        lags.push({ consumer, tenant: slug, behindSeconds: seconds });
      }
      const [row] = await tx<{ n: number }[]>`
        select count(*)::int as n from memberships m join users u on u.id = m.user_id
        where m.tenant_id = ${id} and 'admin' = any (m.roles) and u.disabled_at is null`;
      admins.set(slug, row?.n ?? 0);
    });
  }
  return [judgeLag(lags), judgeAdmins(admins)];
}

async function checkDisk(env: Env): Promise<Check> {
  const folder = prepareDataFolder(env);
  const disk = await statfs(folder);
  return judgeDisk(disk.bavail * disk.bsize, folder);
}

/** Everything that needs the database; one failed check when it does not answer. */
async function checkDatabase(env: Env): Promise<Check[]> {
  let checks: Check[] = [];
  try {
    const database = await openDatabase(env, 'doctor');
    const sql = createSql(database.urls.owner, { connectionsMax: 1 });
    try {
      checks = await checkServer(sql);
      checks = [...checks, ...(await checkProcesses(sql, env)), await checkMasterKey(sql, env)];
      checks = [...checks, ...(await checkTenants(sql))];
    } finally {
      await sql.end({ timeout: 1 });
      await database.close();
    }
    return checks;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const detail = `the checks ended early: ${reason}; is the address right, and is it migrated?`;
    return [...checks, { name: 'database', ok: false, detail }];
  }
}

async function run(call: Call): Promise<ExitCode> {
  const checks = [...(await checkDatabase(call.env)), await checkDisk(call.env)];
  const ok = checks.every((check) => check.ok);
  const lines = checks.map(({ name, ok: isWell, detail }) => {
    return `${isWell ? '✓' : '✗'} ${name.padEnd(16)} ${detail}`;
  });
  call.answer({ ok, checks }, lines.join('\n'));
  return ok ? 0 : 1;
}

/** `signalbox doctor`: looks at everything that has to be in order, and says what to do. */
export const doctorCommand: Command = {
  usage: '',
  summary: 'check database, clock, keys, disk, processes and readers; say what to do',
  options: {},
  positionalsMin: 0,
  positionalsMax: 0,
  run,
};
