import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { childEnv } from '#server/kernel/env.ts';
import { lockDataFolder } from './lock-data-folder.ts';
import { showStep } from './progress.ts';

/** What the pages are built from; tests, commands and the demo are no part of them. */
const sourcePaths = [
  'app',
  'components',
  'db',
  'public',
  'server',
  'next.config.ts',
  'package.json',
  'postcss.config.mjs',
  'proxy.ts',
];
const isNoPart = /\.test\.tsx?$|\.sql$|\.md$|^(cli|demo|testing|scenarios|migrations)$/;
const buildTimeoutMs = 300_000;

/** Newest change below a path, in ms; folders count, because a removed file changes only them. */
function newestChange(path: string): number {
  if (!existsSync(path)) return 0;
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const inner = readdirSync(path)
    .filter((name) => !isNoPart.test(name))
    .map((name) => newestChange(join(path, name)));
  return Math.max(found.mtimeMs, ...inner);
}

/** Written by us when a build has ended well; holds when it began, in ms. */
const markerOf = (root: string) => join(root, '.next', 'signalbox-built-from');

/**
 * Whether the production build is there, whole, and made from the sources as they are. Next writes
 * its BUILD_ID seconds before its last manifests: a build that was killed in between looks finished
 * and serves nothing. Its start counts, because what changed while it ran may not be in it.
 */
export function isBuildCurrent(root: string): boolean {
  const marker = markerOf(root);
  if (!existsSync(marker) || !existsSync(join(root, '.next', 'BUILD_ID'))) return false;
  const startedAtMs = Number(readFileSync(marker, 'utf8'));
  return sourcePaths.every((path) => newestChange(join(root, path)) <= startedAtMs);
}

async function runBuild(root: string, stopped: AbortSignal): Promise<void> {
  const startedAtMs = Date.now();
  rmSync(markerOf(root), { force: true });
  await runNext(root, stopped);
  writeFileSync(markerOf(root), String(startedAtMs));
}

function runNext(root: string, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(root, 'node_modules', 'next', 'dist', 'bin', 'next'), 'build'],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: buildTimeoutMs,
        signal: stopped,
        env: childEnv({ NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }),
      },
    );
    let log = '';
    const keep = (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-8000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The pages could not be built:\n${log}`));
    });
  });
}

/**
 * Makes the production build when it is missing, broken off or older than its sources. Two processes that start
 * at once on one checkout build once: the second waits and finds the build there.
 */
export async function buildPages(root: string, stopped: AbortSignal): Promise<void> {
  if (isBuildCurrent(root)) return;
  const lockFolder = join(root, 'node_modules', '.signalbox');
  mkdirSync(lockFolder, { recursive: true });
  const lock = await lockDataFolder(lockFolder, 'build', buildTimeoutMs);
  try {
    if (!isBuildCurrent(root)) await showStep('Building the pages', () => runBuild(root, stopped));
  } finally {
    lock?.release();
  }
}
