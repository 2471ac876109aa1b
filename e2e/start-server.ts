import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Everybody's password in a browser test. */
export const testPassword = 'signalbox browser tests';

/** A Signalbox started by its own command, on a folder and a port of its own. */
export interface StartedServer {
  readonly url: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** What it has said so far on standard error. */
  readonly log: () => string;
  /** Ctrl-C; answers the exit status. */
  readonly stop: () => Promise<number | null>;
}

export interface StartOptions {
  readonly args?: readonly string[];
  /** Kept by the caller; absent: a temporary one that goes with the server. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const readyTimeoutMs = 180_000;

/** A temporary data folder that the database's account may enter; its name says whose it is. */
export function makeDataDir(owner = 'run'): string {
  const folder = mkdtempSync(join(tmpdir(), `signalbox-e2e-${owner}-`));
  chmodSync(folder, 0o711);
  return folder;
}

/** Runs `signalbox up` until it says where it listens. @throws Error with its log when it ends. */
export async function startServer(options: StartOptions = {}): Promise<StartedServer> {
  const dataDir = options.dataDir ?? makeDataDir();
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'signalbox.js'), 'up', '--json', ...(options.args ?? [])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PORT: '0',
        SIGNALBOX_DATA_DIR: dataDir,
        SIGNALBOX_BOOTSTRAP_PASSWORD: testPassword,
        ...options.env,
      },
    },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-20_000);
  });
  const exited = new Promise<number | null>((resolveExit) => {
    child.once('exit', (code) => resolveExit(code));
  });
  const url = await new Promise<string>((resolveUrl, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready in time:\n${log}`)), readyTimeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /"url":"([^"]+)"/.exec(chunk.toString())?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolveUrl(found);
    });
    void exited.then((code) => reject(new Error(`up ended with ${code}:\n${log}`)));
  });
  return {
    url,
    dataDir,
    child,
    log: () => log,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
      const code = await exited;
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}
