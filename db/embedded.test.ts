import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createSql } from './client.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { chooseSocketDir } from './embedded-host.ts';
import { readServerPid } from './embedded-orphan.ts';

const isRoot = process.getuid?.() === 0;
const made: string[] = [];
const running: EmbeddedPostgres[] = [];

function makeFolder(mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'sb-embedded-'));
  chmodSync(folder, mode);
  made.push(folder);
  return folder;
}

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, settings: ['fsync=off'] });
  running.push(server);
  return server;
}

async function ask(url: string, query: string): Promise<unknown> {
  const sql = createSql(url, { connectionsMax: 1 });
  try {
    return (await sql.unsafe(query))[0];
  } finally {
    await sql.end();
  }
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('the embedded Postgres', () => {
  it.runIf(isRoot)('runs in a folder that only root can enter, as another user', async () => {
    const closed = makeFolder(0o700);
    const server = await start(join(closed, 'postgres'));
    expect(await ask(server.adminUrl, 'select 1 as one')).toEqual({ one: 1 });
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    expect(status).not.toMatch(/^Uid:\s+0/m);
    // One capability at most, of the two that pass folder permissions.
    const effective = BigInt(`0x${/^CapEff:\s+(\w+)/m.exec(status)?.[1] ?? 'f'}`);
    expect([2n, 4n]).toContain(effective);
    expect(statSync(closed).mode & 0o777).toBe(0o700);
  });

  it.runIf(isRoot)('holds no capability where its account can enter by itself', async () => {
    const open = makeFolder(0o711);
    const server = await start(join(open, 'postgres'));
    expect(readFileSync(`/proc/${server.pid}/status`, 'utf8')).toMatch(/^CapEff:\s+0+$/m);
  });

  it('keeps its data, and is listed as gone once stopped', async () => {
    const dataDir = join(makeFolder(0o711), 'postgres');
    const first = await start(dataDir);
    await ask(first.adminUrl, 'create table kept as select 7 as n');
    await first.stop();
    await first.gone;
    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false);
    const second = await start(dataDir);
    expect(await ask(second.adminUrl, 'select n from kept')).toEqual({ n: 7 });
  });

  it('recovers after kill -9 of the server', async () => {
    const dataDir = join(makeFolder(0o711), 'postgres');
    const first = await start(dataDir);
    await ask(first.adminUrl, 'create table kept as select 8 as n');
    process.kill(first.pid, 'SIGKILL');
    await first.gone;
    expect(readServerPid(dataDir)).toBe(first.pid);
    const second = await start(dataDir);
    expect(await ask(second.adminUrl, 'select n from kept')).toEqual({ n: 8 });
  });

  it('ends a server that an earlier start left, and takes its place', async () => {
    const dataDir = join(makeFolder(0o711), 'postgres');
    const orphan = await start(dataDir);
    const second = await start(dataDir);
    await orphan.gone;
    expect(second.pid).not.toBe(orphan.pid);
    expect(await ask(second.adminUrl, 'select 1 as one')).toEqual({ one: 1 });
  });

  it('leaves a stranger alone whose pid stands in the file', async () => {
    const dataDir = join(makeFolder(0o711), 'postgres');
    const first = await start(dataDir);
    process.kill(first.pid, 'SIGKILL');
    await first.gone;
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      const file = join(dataDir, 'postmaster.pid');
      const lines = readFileSync(file, 'utf8').split('\n');
      writeFileSync(file, [String(stranger.pid), ...lines.slice(1)].join('\n'));
      const second = await start(dataDir);
      expect(await ask(second.adminUrl, 'select 1 as one')).toEqual({ one: 1 });
      expect(stranger.exitCode).toBeNull();
      expect(stranger.signalCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('starts in a folder whose path is too long for a socket', async () => {
    const long = join(makeFolder(0o711), 'a'.repeat(60), 'b b'.repeat(20));
    mkdirSync(long, { recursive: true });
    const dataDir = join(long, 'postgres');
    const socketDir = chooseSocketDir(dataDir);
    expect(socketDir.length).toBeLessThan(100);
    made.push(socketDir);
    const server = await start(dataDir);
    expect(await ask(server.adminUrl, 'select 1 as one')).toEqual({ one: 1 });
    expect(statSync(socketDir).mode & 0o777).toBe(0o700);
  });
});

describe('chooseSocketDir', () => {
  it('is beside the cluster where the path is short, and the same on every call', () => {
    expect(chooseSocketDir('/srv/x/postgres')).toBe('/srv/x/socket');
    const long = `/srv/${'y'.repeat(120)}/postgres`;
    expect(chooseSocketDir(long)).toBe(chooseSocketDir(long));
    expect(chooseSocketDir(long)).not.toBe(chooseSocketDir(`${long}2`));
    expect(chooseSocketDir('/srv/a,b/postgres')).toMatch(/^\/tmp|\/signalbox-/);
  });
});
