import { createDb, type Db } from '#db/client.ts';
import type { Env } from '#server/kernel/env.ts';
import { sha256, sha256Hex } from '#server/kernel/hash.ts';
import { createLog } from '#server/kernel/log.ts';
import type { SecretFiles, Secrets, Services } from '#server/kernel/services.ts';
import { openDerivationKey } from '#server/credentials/master-key/open-derivation-key.ts';
import { localUrl } from './check-address.ts';
import {
  checkSecretFiles,
  readPreviousMasterKeyText,
  readSecretText,
  secretNames,
} from './data-folder.ts';

/** Connections of one process's pool: both roles together stay far below the server's 200. */
const connectionsMax = 20;

/** The text of a secret file, whatever length its owner chose, as 32 bytes. */
export const bytesOfSecret = (text: string): Uint8Array => {
  const decoded = Buffer.from(text, 'base64url');
  return decoded.length === 32 ? decoded : sha256(text);
};

/**
 * The contents of the secret files. @throws Error when one is missing, open to others or too short.
 */
export function readSecrets(env: Env): SecretFiles {
  checkSecretFiles(env);
  const read = (name: (typeof secretNames)[number]) => readSecretText(env, name);
  const previous = readPreviousMasterKeyText(env);
  const former = previous === null ? [] : [bytesOfSecret(previous)];
  return {
    session: read('SECRET'),
    masterKeys: [bytesOfSecret(read('MASTER_KEY')), ...former],
    permitKey: bytesOfSecret(read('PERMIT_KEY')),
  };
}

/**
 * The same with the key of derivations, which this database holds from the first exchange on.
 * @throws AppError `store_unavailable` where the master keys are not those of this database
 */
export async function openSecrets(db: Db, env: Env): Promise<Secrets> {
  const files = readSecrets(env);
  return { ...files, derivationKey: await openDerivationKey(db, files.masterKeys) };
}

/** What `doctor` compares of a secret. */
export const fingerprintOf = (text: string): string =>
  sha256Hex(`signalbox-fingerprint\n${text}`).slice(0, 12);

/**
 * Fingerprints of the four secret files: `SECRET:1f0c… MASTER_KEY:…`, and `MASTER_KEY_PREVIOUS:…` where
 * the former master key is given too. Processes with other files
 * would write rows that their neighbours cannot read; `doctor` compares these. Twelve hex digits of
 * a hash of 256 random bits tell nothing of them.
 */
export function fingerprintsOf(env: Env): string {
  const parts = secretNames.map((name) => `${name}:${fingerprintOf(readSecretText(env, name))}`);
  const previous = readPreviousMasterKeyText(env);
  if (previous !== null) parts.push(`MASTER_KEY_PREVIOUS:${fingerprintOf(previous)}`);
  return parts.join(' ');
}

/**
 * What one process of a role has of the world outside. The caller closes the pool.
 * @throws AppError `store_unavailable` where its master keys are not those of this database
 */
export async function makeServices(
  env: Env,
  role: 'web' | 'worker',
  databaseUrl: string,
): Promise<Services> {
  const db = createDb(databaseUrl, { connectionsMax, applicationName: `signalbox-${role}` });
  const secrets = await openSecrets(db, env).catch(async (error: unknown) => {
    await db.$client.end({ timeout: 1 });
    throw error;
  });
  return {
    env,
    log: createLog(env.SIGNALBOX_LOG_LEVEL, role),
    db,
    secrets,
    url: (env.SIGNALBOX_URL ?? localUrl(env.HOST, env.PORT)).replace(/\/+$/, ''),
  };
}
