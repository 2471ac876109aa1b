import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { fromString, toUUID, TypeID, typeidUnboxed } from 'typeid-js';
import type { TenantId } from '#db/columns.ts';
import { type IdNoun, idPrefixes } from '#db/enums.ts';

export type { TenantId };

/** A new TypeID, time-ordered: `newId('agent')` → `agt_…` (prefix and UUIDv7 in base 32). */
export function newId(noun: IdNoun): string {
  return typeidUnboxed(idPrefixes[noun]);
}

/** Drawn for many ids at once: a call to the system costs ten times the copy. */
let drawn = randomBytes(0);

function takeRandom(bytes: number): Buffer {
  if (drawn.length < bytes) drawn = randomBytes(4096);
  const taken = drawn.subarray(0, bytes);
  drawn = drawn.subarray(bytes);
  return taken;
}

/** A request id: 96 random bits; every answer, audit row and log line of the request carries it. */
export function newRequestId(): string {
  return `req_${takeRandom(12).toString('base64url')}`;
}

/** True when `value` is a well-formed TypeID of this noun, whose bits are a uuid that SQL takes. */
export function isId(noun: IdNoun, value: string): boolean {
  try {
    toUUID(fromString(value, idPrefixes[noun]));
    return true;
  } catch {
    return false;
  }
}

/** Ids whose uuid is remembered: those of tenants, keys and agents come back in every statement. */
const remembered = new LRUCache<string, string>({ max: 4096 });

/** The uuid inside a TypeID, for hand-written SQL. @throws Error when it is not one. */
export function uuidOf(id: string): string {
  const known = remembered.get(id);
  if (known !== undefined) return known;
  const uuid = toUUID(fromString(id));
  remembered.set(id, uuid);
  return uuid;
}

/** The TypeID of a uuid that hand-written SQL answered. */
export function idOf(noun: IdNoun, uuid: string): string {
  return TypeID.fromUUID(idPrefixes[noun], uuid).toString();
}

/**
 * Mints the branded tenant id. Only the gates call it: key look-up, sign-in, the command line, the
 * worker's list of tenants, and tests. Everyone else receives one in its context.
 */
export function mintTenantId(id: string): TenantId {
  fromString(id, idPrefixes.tenant);
  return id as TenantId;
}
