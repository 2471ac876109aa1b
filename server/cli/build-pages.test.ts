import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBuildCurrent } from './build-pages.ts';

const builtAtMs = Date.parse('2026-11-22T08:00:00Z');
let root = '';

/** Writes a file that was last changed so many seconds after the build began. */
function put(path: string, secondsAfter: number, text = ''): void {
  const file = join(root, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  const at = builtAtMs / 1000 + secondsAfter;
  utimesSync(file, at, at);
  for (const folder of ['app', 'server', '.']) {
    mkdirSync(join(root, folder), { recursive: true });
    utimesSync(join(root, folder), at, at);
  }
}

const finishBuild = () => {
  put('.next/BUILD_ID', 20, 'x');
  put('.next/signalbox-built-from', 22, String(builtAtMs));
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'signalbox-build-'));
  put('server/kernel.ts', -100);
  put('app/page.tsx', -60);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('isBuildCurrent', () => {
  it('is so when the build ended and nothing changed since it began', () => {
    finishBuild();
    put('app/page.tsx', -60);
    expect(isBuildCurrent(root)).toBe(true);
  });

  it('is not so without a build, nor after one that was killed behind its BUILD_ID', () => {
    expect(isBuildCurrent(root)).toBe(false);
    put('.next/BUILD_ID', 20, 'x');
    put('app/page.tsx', -60);
    expect(isBuildCurrent(root)).toBe(false);
  });

  it.each([5, 60])('is not so when a source changed %i s after the build began', (seconds) => {
    finishBuild();
    put('app/page.tsx', seconds);
    expect(isBuildCurrent(root)).toBe(false);
  });

  it('does not mind tests, commands and the demo', () => {
    finishBuild();
    put('app/page.tsx', -60);
    put('server/a.test.ts', 60);
    put('server/cli/up.ts', 60);
    utimesSync(join(root, 'server'), builtAtMs / 1000 - 60, builtAtMs / 1000 - 60);
    utimesSync(join(root, 'app'), builtAtMs / 1000 - 60, builtAtMs / 1000 - 60);
    expect(isBuildCurrent(root)).toBe(true);
  });
});
