import { createDb } from '#db/client.ts';
import type { Env } from '#server/kernel/env.ts';
import { sha256, sha256Hex } from '#server/kernel/hash.ts';
import { createLog } from '#server/kernel/log.ts';
import type { Secrets, Services } from '#server/kernel/services.ts';
import { localUrl } from './check-address.ts';
import { checkSecretFiles, readSecretText, secretNames } from './data-folder.ts';

/** Connections of one process's pool: both roles together stay far below the server's 200. */
const connectionsMax = 20;

/** The text of a secret file, whatever length its owner chose, as 32 bytes. */
const bytesOf = (text: string) => {
  const decoded = Buffer.from(text, 'base64url');
  return decoded.length === 32 ? decoded : sha256(text);
};

/**
 * The contents of the secret files. @throws Error when one is missing, open to others or too short.
 */
export function readSecrets(env: Env): Secrets {
  checkSecretFiles(env);
  const read = (name: (typeof secretNames)[number]) => readSecretText(env, name);
  return {
    session: read('SECRET'),
    masterKey: bytesOf(read('MASTER_KEY')),
    permitKey: bytesOf(read('PERMIT_KEY')),
  };
}

/**
 * Fingerprints of the four secret files: `SECRET:1f0c… MASTER_KEY:…`. Processes with other files
 * would write rows that their neighbours cannot read; `doctor` compares these. Twelve hex digits of
 * a hash of 256 random bits tell nothing of them.
 */
export function fingerprintsOf(env: Env): string {
  return secretNames
    .map((name) => {
      const text = readSecretText(env, name);
      return `${name}:${sha256Hex(`signalbox-fingerprint\n${text}`).slice(0, 12)}`;
    })
    .join(' ');
}

/** What one process of a role has of the world outside. The caller closes the pool. */
export function makeServices(env: Env, role: 'web' | 'worker', databaseUrl: string): Services {
  return {
    env,
    log: createLog(env.SIGNALBOX_LOG_LEVEL, role),
    db: createDb(databaseUrl, { connectionsMax, applicationName: `signalbox-${role}` }),
    secrets: readSecrets(env),
    url: (env.SIGNALBOX_URL ?? localUrl(env.HOST, env.PORT)).replace(/\/+$/, ''),
  };
}
