import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fastShutdownMs = 20_000;
const hardShutdownMs = 5_000;
/** Above the largest pid that Linux or macOS hands out. */
const impossiblePid = 4_194_305;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The command line of a process, its arguments parted by spaces; empty when there is none. */
function commandOf(pid: number): string {
  const file = `/proc/${pid}/cmdline`;
  if (existsSync(file)) return readFileSync(file, 'utf8').replaceAll('\0', ' ');
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}

/** The pid in a cluster's `postmaster.pid`, or null when there is no such file. */
export function readServerPid(dataDir: string): number | null {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  return Number.isInteger(pid) && pid > 1 ? pid : null;
}

async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline;) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return !isAlive(pid);
}

/**
 * Ends the server that a killed process of ours left on this cluster, so that the next one starts
 * with its own settings. Only a process whose command line names a Postgres and this very folder is
 * touched. The caller holds the data folder's lock: nobody else may be using that server.
 * @throws Error when the server is ours and does not end.
 */
export async function stopOrphan(dataDir: string): Promise<void> {
  const pid = readServerPid(dataDir);
  if (pid === null || !isAlive(pid)) return;
  const command = commandOf(pid);
  if (!/\bpostgres\b/.test(command) || !command.includes(` -D ${dataDir} `)) {
    disownPidFile(dataDir);
    return;
  }
  process.kill(pid, 'SIGINT');
  if (await waitUntilGone(pid, fastShutdownMs)) return;
  process.kill(pid, 'SIGQUIT');
  if (await waitUntilGone(pid, hardShutdownMs)) return;
  throw new Error(`A Postgres of an earlier start (pid ${pid}) does not stop; end it by hand.`);
}

/**
 * After a crash the pid in the file may belong to an unrelated program, and Postgres would refuse
 * to start. The file itself has to stay: its last lines name the shared memory by which Postgres
 * makes sure that no backend of the old server still writes. So only the pid is replaced.
 */
function disownPidFile(dataDir: string): void {
  const file = join(dataDir, 'postmaster.pid');
  const lines = readFileSync(file, 'utf8').split('\n');
  lines[0] = String(impossiblePid);
  writeFileSync(file, lines.join('\n'));
}
