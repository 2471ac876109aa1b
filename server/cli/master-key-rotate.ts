import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createDb, type Db } from '#db/client.ts';
import { masterKeys, processes } from '#db/schema/tenancy.ts';
import { sql } from 'drizzle-orm';
import { masterKeyName } from '#server/credentials/key-management.ts';
import {
  exchangeMasterKey,
  type ExchangedMasterKey,
} from '#server/credentials/master-key/exchange-master-key.ts';
import { openDerivationKey } from '#server/credentials/master-key/open-derivation-key.ts';
import { type Env, previousMasterKeyFile, secretFile } from '#server/kernel/env.ts';
import { commandLine } from './actor.ts';
import { type Call, type Command, type ExitCode, requiredFlag } from './command.ts';
import {
  faultOfSecretFile,
  isMasterKeyOurs,
  newSecretText,
  placeMasterKey,
  writePrivateFile,
} from './data-folder.ts';
import { processesWithout } from './judge-health.ts';
import { bytesOfSecret, fingerprintOf, readSecrets } from './make-services.ts';
import { withOwnerDatabase } from './open-database.ts';

/** The text of the file of the new key, made where it is missing. @throws Error when it is not in order */
function readNewKey(path: string, say: Call['say']): string {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writePrivateFile(path, `${newSecretText()}\n`);
    say(`made a new master key: ${path}`);
  }
  const fault = faultOfSecretFile(path, '--to');
  if (fault !== null) throw new Error(`The new master key is not in order: ${fault}.`);
  return readFileSync(path, 'utf8').trim();
}

/**
 * Puts the new key in its place in the data folder.
 * @throws AppError `store_unavailable` where the present key is not this database’s; Error while another
 *   exchange is unfinished, whose former key this would overwrite
 */
async function placeNewKey(db: Db, env: Env, text: string): Promise<void> {
  const { masterKeys: held } = readSecrets(env);
  await openDerivationKey(db, held);
  const [present, former] = held.map(masterKeyName);
  if (present === masterKeyName(bytesOfSecret(text))) return;
  const registered = await db.select({ name: masterKeys.name }).from(masterKeys);
  if (former !== undefined && former !== present && registered.some((one) => one.name === former)) {
    const file = secretFile(env, 'MASTER_KEY');
    throw new Error(`Another exchange is not finished; finish it first, with --to ${file}.`);
  }
  placeMasterKey(env, text);
}

/** @throws Error naming each living process that would not know the new key */
async function requireKnown(db: Db, env: Env, fingerprint: string): Promise<void> {
  const seen = await db
    .select({
      role: processes.role,
      host: processes.host,
      fingerprints: processes.fingerprints,
      silentSeconds: sql<number>`extract(epoch from now() - ${processes.lastSeenAt})::float8`,
    })
    .from(processes);
  const without = processesWithout(fingerprint, seen);
  if (without.length === 0) return;
  const how = isMasterKeyOurs(env)
    ? 'Both keys lie in the data folder now: start "signalbox up" again, and it exchanges them at its start'
    : 'Start them again with both, the new key as SIGNALBOX_MASTER_KEY_FILE and the present one as ' +
      'SIGNALBOX_MASTER_KEY_PREVIOUS_FILE, and run this once more';
  throw new Error(
    `Nothing was exchanged yet: ${without.join(', ')} would not know the new master key. ${how}.`,
  );
}

/** What was done, what was not and why, and only on proof that the former key may go. */
export function describeExchange(done: ExchangedMasterKey, formerFile: string | null): string {
  const { keyName, tried, rewrapped, proven, tenants } = done;
  const none = tried.length === 0 ? '' : `, and none with ${tried.join(' or ')}`;
  const lines = [
    `${keyName} is the master key: ${proven} data keys of ${tenants} tenants open with it${none}; ` +
      `${rewrapped} were wrapped anew just now.`,
    'Not made anew: what is derived (placeholders, marks of kept secrets, sealed arguments, request digests, ' +
      'addresses and secrets of channels, the key of security events). Its key keeps its value and lies ' +
      `wrapped by ${keyName}: joins, channels and receivers go on. Who kept the very first master key can ` +
      'still derive it.',
  ];
  if (tried.length > 0) {
    const where = formerFile === null ? '' : ` (${formerFile})`;
    lines.push(
      `Nothing here needs ${tried.join(' or ')} any more: it may be destroyed${where}, unless a backup ` +
        'from before shall be restored.',
    );
  }
  return lines.join('\n');
}

/** What the file that was named is worth now: the data folder has the key in a file of its own. */
const describeCopy = (env: Env, path: string): string =>
  `${path} is a second copy of the new key, which is used from ${secretFile(env, 'MASTER_KEY')}: keep it ` +
  'as a backup in another place, or destroy it.';

async function run(call: Call): Promise<ExitCode> {
  const { env } = call;
  const path = requiredFlag(call, 'to');
  // Before the new file is made: nothing is begun beside secrets that are not in order.
  readSecrets(env);
  const text = readNewKey(path, call.say);
  const done = await withOwnerDatabase(env, 'master-key rotate', async (db) => {
    if (isMasterKeyOurs(env)) await placeNewKey(db, env, text);
    await requireKnown(db, env, fingerprintOf(text));
    const { masterKeys: held } = readSecrets(env);
    return exchangeMasterKey({ db, ...commandLine() }, bytesOfSecret(text), held, call.say);
  });
  const former = previousMasterKeyFile(env);
  const said = describeExchange(done, isMasterKeyOurs(env) && existsSync(former) ? former : null);
  const isCopy = isMasterKeyOurs(env) && resolve(path) !== secretFile(env, 'MASTER_KEY');
  call.answer({ ...done }, isCopy ? `${said}\n${describeCopy(env, path)}` : said);
  return 0;
}

/**
 * Finishes an exchange for which the files were put in place while `up` was running. Called at its start,
 * with the embedded database, which nobody else can have open.
 */
export async function finishExchange(env: Env, ownerUrl: string, say: Call['say']): Promise<void> {
  const [present, ...former] = readSecrets(env).masterKeys;
  if (present === undefined || former.length === 0) return;
  const db = createDb(ownerUrl, { connectionsMax: 2, applicationName: 'signalbox-up' });
  try {
    const registered = await db.select({ name: masterKeys.name }).from(masterKeys);
    const name = masterKeyName(present);
    if (registered.length === 0) return;
    if (registered.length === 1 && registered[0]?.name === name) return;
    const held = [present, ...former];
    const done = await exchangeMasterKey({ db, ...commandLine() }, present, held, say);
    say(describeExchange(done, isMasterKeyOurs(env) ? previousMasterKeyFile(env) : null));
  } finally {
    await db.$client.end({ timeout: 5 });
  }
}

/** `signalbox master-key rotate`: another master key for all that lies wrapped in the database. */
export const masterKeyRotateCommand: Command = {
  usage: '--to FILE',
  summary:
    'wrap the data keys of all tenants by another master key, and prove that the old one may go',
  options: { to: { type: 'string' } },
  positionalsMin: 0,
  positionalsMax: 0,
  run,
};
