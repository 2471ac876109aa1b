import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './start-server.ts';

/** The command as npm installs it. */
const shim = join(root, 'bin', 'signalbox.js');

/** Pids of what runs on a data folder: `up`, its parts, its database. */
export function processesOf(dataDir: string): { pid: number; command: string }[] {
  const listed = spawnSync('ps', ['-eo', 'pid=,args=', 'e', '-ww'], { encoding: 'utf8' }).stdout;
  return listed
    .split('\n')
    .filter((line) => line.includes(dataDir) && /cli\.ts|postgres/.test(line))
    .filter((line) => !/ps -eo/.test(line))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.slice(0, 160) }));
}

/** A command of the command line on a data folder. */
export function run(dataDir: string, args: readonly string[], env: Record<string, string> = {}) {
  const result = spawnSync(process.execPath, [shim, ...args], {
    encoding: 'utf8',
    env: { ...process.env, SIGNALBOX_DATA_DIR: dataDir, PORT: '0', ...env },
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}
