import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readEnv, secretFile } from '#server/kernel/env.ts';
import { ensureSecretFiles } from './data-folder.ts';
import { fingerprintsOf, readSecrets } from './make-services.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeEnv(extra: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-secrets-'));
  folders.push(folder);
  return (more: Record<string, string> = {}) =>
    readEnv({ NODE_ENV: 'test', SIGNALBOX_DATA_DIR: folder, ...extra, ...more });
}

describe('the master key', () => {
  it('comes from its file, or from the environment before it, and is the same either way', () => {
    const env = makeEnv();
    ensureSecretFiles(env());
    const text = readFileSync(secretFile(env(), 'MASTER_KEY'), 'utf8').trim();
    const fromFile = readSecrets(env()).masterKeys;
    const other = 'o'.repeat(43);
    expect(readSecrets(env({ SIGNALBOX_MASTER_KEY: text })).masterKeys).toEqual(fromFile);
    expect(readSecrets(env({ SIGNALBOX_MASTER_KEY: other })).masterKeys).not.toEqual(fromFile);
    expect(fingerprintsOf(env({ SIGNALBOX_MASTER_KEY: text }))).toBe(fingerprintsOf(env()));
    expect(fingerprintsOf(env({ SIGNALBOX_MASTER_KEY: other }))).not.toBe(fingerprintsOf(env()));
  });

  it('is written to no file when the environment gives it', () => {
    const env = makeEnv({ SIGNALBOX_MASTER_KEY: 'm'.repeat(43) });
    ensureSecretFiles(env());
    expect(existsSync(secretFile(env(), 'MASTER_KEY'))).toBe(false);
    expect(existsSync(secretFile(env(), 'PERMIT_KEY'))).toBe(true);
  });

  it('is refused when it is too short for a secret', () => {
    const env = makeEnv();
    expect(() => env({ SIGNALBOX_MASTER_KEY: 'short' })).toThrow(/SIGNALBOX_MASTER_KEY/);
  });
});
