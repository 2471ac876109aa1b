import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { serverAccount } from '#db/embedded-host.ts';
import { type LoginPasswords, randomPassword } from '#db/prepare-database.ts';
import { dataDir, type Env, previousMasterKeyFile, secretFile } from '#server/kernel/env.ts';

/** The four secrets that never live in Postgres; `up` makes them, everything else refuses without. */
export const secretNames = ['SECRET', 'MASTER_KEY', 'LOG_KEY', 'PERMIT_KEY'] as const;

/** Folder of the embedded cluster within the data folder. */
export const clusterDir = (folder: string): string => join(folder, 'postgres');

/**
 * Makes the data folder, for its owner alone. As root the account that runs Postgres may pass
 * through it (0710, its group), so that it needs no capability for that; it can list nothing.
 */
export function prepareDataFolder(env: Env): string {
  const folder = dataDir(env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const account = serverAccount();
  if (account) chownSync(folder, statSync(folder).uid, account.gid);
  chmodSync(folder, account ? 0o710 : 0o700);
  return folder;
}

/** Writes a file that only we may read; a crash leaves the old one or the new one, never half. */
export function writePrivateFile(path: string, text: string): void {
  const half = `${path}.${process.pid}.new`;
  writeFileSync(half, text, { mode: 0o600, flush: true });
  renameSync(half, path);
}

/** Makes those secret files that are missing: 256 random bits each. */
export function ensureSecretFiles(env: Env): void {
  for (const name of secretNames) {
    const path = secretFile(env, name);
    if (existsSync(path) || isGivenByEnvironment(env, name)) continue;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writePrivateFile(path, `${newSecretText()}\n`);
  }
  checkSecretFiles(env);
}

const isGivenByEnvironment = (env: Env, name: (typeof secretNames)[number]): boolean =>
  name === 'MASTER_KEY' && env.SIGNALBOX_MASTER_KEY !== undefined;

/** The text of a secret: of its file, or of the environment where the master key is given there. */
export function readSecretText(env: Env, name: (typeof secretNames)[number]): string {
  const given = isGivenByEnvironment(env, name) ? env.SIGNALBOX_MASTER_KEY : undefined;
  return given ?? readFileSync(secretFile(env, name), 'utf8').trim();
}

/** The text of the former master key; null where none is given. */
export function readPreviousMasterKeyText(env: Env): string | null {
  if (env.SIGNALBOX_MASTER_KEY_PREVIOUS !== undefined) return env.SIGNALBOX_MASTER_KEY_PREVIOUS;
  const path = previousMasterKeyFile(env);
  const isAsked = env.SIGNALBOX_MASTER_KEY_PREVIOUS_FILE !== undefined;
  return isAsked || existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

/** What is wrong with a file as that of a secret; null when nothing is. */
export function faultOfSecretFile(path: string, setBy: string): string | null {
  if (!existsSync(path)) return `${path} is missing (${setBy})`;
  if ((statSync(path).mode & 0o077) !== 0) return `${path} may be read by others: chmod 600`;
  const isShort = readFileSync(path, 'utf8').trim().length < 32;
  return isShort ? `${path} is too short for a secret` : null;
}

/** A secret of 256 random bits, as a secret file holds it. */
export const newSecretText = (): string => randomBytes(32).toString('base64url');

/** Whether the master key lies in the data folder, where our own commands may put another one. */
export const isMasterKeyOurs = (env: Env): boolean =>
  env.SIGNALBOX_MASTER_KEY === undefined &&
  env.SIGNALBOX_MASTER_KEY_FILE === undefined &&
  env.SIGNALBOX_MASTER_KEY_PREVIOUS === undefined &&
  env.SIGNALBOX_MASTER_KEY_PREVIOUS_FILE === undefined;

/**
 * Puts a new master key into the data folder, and the present one beside it as the one before. Each file
 * is the old one or the new one after a crash, and the present key is in one of them at any time.
 */
export function placeMasterKey(env: Env, text: string): void {
  const present = readSecretText(env, 'MASTER_KEY');
  if (present === text) return;
  writePrivateFile(previousMasterKeyFile(env), `${present}\n`);
  writePrivateFile(secretFile(env, 'MASTER_KEY'), `${text}\n`);
}

function faultOfPrevious(env: Env): string | null {
  const isAsked = env.SIGNALBOX_MASTER_KEY_PREVIOUS_FILE !== undefined;
  const path = previousMasterKeyFile(env);
  if (env.SIGNALBOX_MASTER_KEY_PREVIOUS !== undefined || (!isAsked && !existsSync(path)))
    return null;
  return faultOfSecretFile(path, 'SIGNALBOX_MASTER_KEY_PREVIOUS_FILE');
}

/**
 * Whether every secret file is there, holds enough and is readable by its owner alone.
 * @throws Error naming each file that is not, and what to do.
 */
export function checkSecretFiles(env: Env): void {
  const wrong = secretNames.flatMap((name) => {
    if (isGivenByEnvironment(env, name)) return [];
    return faultOfSecretFile(secretFile(env, name), `SIGNALBOX_${name}_FILE`) ?? [];
  });
  const previous = faultOfPrevious(env);
  if (previous !== null) wrong.push(previous);
  if (wrong.length === 0) return;
  throw new Error(
    `The secret files are not in order: ${wrong.join('; ')}. ` +
      '"signalbox up" makes them; every machine needs the same four.',
  );
}

const loginsSchema = z.object({
  owner: z.string(),
  app: z.string(),
  worker: z.string(),
  eraser: z.string(),
});

/** Passwords of the database's logins, random, made when first asked for. */
export function ensureLogins(folder: string): LoginPasswords {
  const path = join(folder, 'logins.json');
  if (!existsSync(path)) {
    const made: LoginPasswords = {
      owner: randomPassword(),
      app: randomPassword(),
      worker: randomPassword(),
      eraser: randomPassword(),
    };
    writePrivateFile(path, `${JSON.stringify(made)}\n`);
  }
  return loginsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}
