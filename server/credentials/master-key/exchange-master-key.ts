import { and, eq, ne, sql } from 'drizzle-orm';
import type { Db, Tx } from '#db/client.ts';
import { dataKeys } from '#db/schema/credentials.ts';
import { masterKeys } from '#db/schema/tenancy.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { listTenants } from '#server/auth/find-tenant.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Actor, type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import {
  createLocalKeyManagement,
  type KeyManagement,
  masterKeyMissing,
  masterKeyName,
} from '../key-management.ts';
import { keyBoundTo } from '../seal-secret.ts';
import { readMasterKeys } from './choose-wrapping-key.ts';
import { derivationBound, openDerivationKey, unwrapDerivation } from './open-derivation-key.ts';

/** Rounds over all tenants, each of which finds only what a process with a former key added meanwhile. */
const roundsMax = 5;

/** Who exchanges, through the owner's login: it alone sees all tenants and may take a key away. */
export interface Exchanger {
  readonly db: Db;
  readonly actor: Actor;
  readonly requestId: string;
}

/** What an exchange came to; all of it is proven. */
export interface ExchangedMasterKey {
  /** The key that wraps everything now. */
  readonly keyName: string;
  /** Keys that were registered beside it until now; none in a second run. */
  readonly former: readonly string[];
  /** Data keys that this run wrapped anew. */
  readonly rewrapped: number;
  /** Data keys of all tenants: each opens with the present key, and with none of `tried`. */
  readonly proven: number;
  /** The other keys that were given. */
  readonly tried: readonly string[];
  readonly tenants: number;
}

/**
 * Exchanges the master key: wraps every data key, and the key of derivations, by `to`, proves it, and
 * only then takes the former names away, after which the database refuses what is wrapped by them.
 * Each tenant is a transaction of its own; a run that breaks off anywhere leaves all of it readable to
 * whoever holds both keys, and the next run finishes.
 *
 * @param held the keys of this Signalbox until now, the present one first
 * @param say told of each tenant whose keys were wrapped anew
 * @throws AppError `forbidden`, `store_unavailable` where a registered key is not among those given;
 *   Error where something does not open, with everything left as it was
 */
export async function exchangeMasterKey(
  by: Exchanger,
  to: Uint8Array,
  held: readonly Uint8Array[],
  say: (line: string) => void = () => undefined,
): Promise<ExchangedMasterKey> {
  requirePermission(by, 'credentials.rotate');
  const given = [to, ...held];
  const keys = createLocalKeyManagement(...given);
  const keyName = masterKeyName(to);
  const tried = keys.keyNames.filter((name) => name !== keyName);
  await registerKey(by.db, to, given);
  let rewrapped = 0;
  for (let round = 1; round <= roundsMax; round += 1) {
    const tenants = await listTenants(by.db);
    for (const { tenantId, slug } of tenants) {
      const count = await rewrapTenant({ ...by, tenantId }, keys, keyName);
      rewrapped += count;
      if (count > 0) say(`${slug}: ${count} data keys wrapped by ${keyName}`);
    }
    const done = await retireFormer(by, to, given);
    if (done !== null) return { keyName, tried, rewrapped, tenants: tenants.length, ...done };
  }
  throw new AppError(
    'conflict',
    'A process that knows only the former master key goes on making data keys; end it and run this again.',
  );
}

/** Registers the new key beside the former one, with the key of derivations wrapped by it. */
async function registerKey(db: Db, to: Uint8Array, given: readonly Uint8Array[]): Promise<void> {
  const held = given.slice(1);
  // The first key ever is registered as the oldest that was held, never as the new one.
  const before = await readMasterKeys(db, { keyNames: held.map(masterKeyName) });
  const names = new Set(given.map(masterKeyName));
  const unknown = before.map((one) => one.name).filter((name) => !names.has(name));
  if (unknown.length > 0) throw masterKeyMissing(unknown, [...names]);
  const derivation = await openDerivationKey(db, given);
  const keys = createLocalKeyManagement(to);
  const name = masterKeyName(to);
  const wrapped = await keys.wrap(derivation, name, derivationBound);
  await db.insert(masterKeys).values({ name, derivation: wrapped }).onConflictDoNothing();
  for (const row of await readMasterKeys(db, keys)) {
    const key = given.find((one) => masterKeyName(one) === row.name);
    const opened = key && (await unwrapDerivation(key, row));
    if (!opened || !Buffer.from(opened).equals(derivation)) {
      throw new Error(`the key of derivations under ${row.name} is another one`);
    }
  }
}

/** Wraps a tenant's data keys by the new key, in one transaction; answers how many there were. */
function rewrapTenant(ctx: Ctx, keys: KeyManagement, keyName: string): Promise<number> {
  requirePermission(ctx, 'credentials.rotate');
  return withTransaction(ctx, async (tx) => {
    const mine = eq(dataKeys.tenantId, ctx.tenantId);
    const rows = await tx
      .select()
      .from(dataKeys)
      .where(and(mine, ne(dataKeys.wrappedBy, keyName)))
      .orderBy(dataKeys.version)
      .for('update');
    for (const { version, wrapped, wrappedBy } of rows) {
      const bound = keyBoundTo(ctx, version);
      const key = await keys.unwrap(wrapped, wrappedBy, bound);
      const anew = await keys.wrap(key, keyName, bound);
      key.fill(0);
      await tx
        .update(dataKeys)
        .set({ wrapped: anew, wrappedBy: keyName })
        .where(and(mine, eq(dataKeys.version, version)));
      await writeAudit(tx, ctx, {
        action: 'data_key.rewrapped',
        subject: { type: 'data_key', id: String(version) },
        detail: { from: wrappedBy, to: keyName },
      });
    }
    return rows.length;
  });
}

/**
 * Locks the former names, so that nobody wraps by them any more, opens every data key of every tenant,
 * and takes the names away: one transaction. Null where one was wrapped by a former key meanwhile.
 */
function retireFormer(
  by: Exchanger,
  to: Uint8Array,
  given: readonly Uint8Array[],
): Promise<{ former: readonly string[]; proven: number } | null> {
  const keyName = masterKeyName(to);
  return by.db.transaction(async (tx) => {
    const locked = await tx
      .select({ name: masterKeys.name })
      .from(masterKeys)
      .where(ne(masterKeys.name, keyName))
      .orderBy(masterKeys.name)
      .for('update');
    const former = locked.map((one) => one.name);
    let proven = 0;
    // Read after the lock: a tenant that was made meanwhile has its data keys by the new name.
    for (const { tenantId } of await listTenants(by.db)) {
      const ctx: Ctx = { ...by, tenantId };
      await tx.execute(sql`select set_config('app.tenant', ${uuidOf(tenantId)}, true)`);
      const count = await proveTenant(tx, ctx, to, given);
      if (count === null) return null;
      proven += count;
      if (former.length > 0) await noteExchange(tx, ctx, former, { keyName, dataKeys: count });
    }
    if (former.length > 0) await tx.delete(masterKeys).where(ne(masterKeys.name, keyName));
    return { former, proven };
  });
}

/**
 * Opens all data keys of a tenant by the new key, and tries each by all others that were given. Answers
 * how many there are; null where one lies under a former name. @throws Error where one does not open, or
 * opens by another key
 */
async function proveTenant(
  tx: Tx,
  ctx: Ctx,
  to: Uint8Array,
  given: readonly Uint8Array[],
): Promise<number | null> {
  const keyName = masterKeyName(to);
  const present = createLocalKeyManagement(to);
  const others = given.filter((one) => masterKeyName(one) !== keyName);
  const rows = await tx.select().from(dataKeys).where(eq(dataKeys.tenantId, ctx.tenantId));
  if (rows.some((row) => row.wrappedBy !== keyName)) return null;
  for (const { version, wrapped } of rows) {
    const bound = keyBoundTo(ctx, version);
    const key = await present.unwrap(wrapped, keyName, bound);
    key.fill(0);
    for (const other of others) {
      const name = masterKeyName(other);
      if (await doesOpen(createLocalKeyManagement(other), { wrapped, name, bound })) {
        throw new Error(`data key ${version} of ${ctx.tenantId} still opens with ${name}`);
      }
    }
  }
  return rows.length;
}

interface Trial {
  readonly wrapped: Buffer;
  readonly name: string;
  readonly bound: string;
}

const doesOpen = (keys: KeyManagement, { wrapped, name, bound }: Trial): Promise<boolean> =>
  keys.unwrap(wrapped, name, bound).then(
    () => true,
    () => false,
  );

const noteExchange = (
  tx: Tx,
  ctx: Ctx,
  former: readonly string[],
  { keyName, dataKeys: count }: { keyName: string; dataKeys: number },
): Promise<void> =>
  writeAudit(tx, ctx, {
    action: 'master_key.exchanged',
    subject: { type: 'master_key', id: keyName },
    detail: { former, dataKeys: count },
  });
