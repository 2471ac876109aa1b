import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Db } from '#db/client.ts';
import { idOf, isId, mintTenantId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import type { PublicKey } from './read-keys.ts';

/** A registered transmitter, found before any tenant is known. */
export interface KnownTransmitter {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  /** Exactly one of the two is set. */
  readonly keys: readonly PublicKey[] | null;
  readonly keysUrl: string | null;
}

/** As they were checked when they were stored. */
const storedKeys = z.array(z.custom<PublicKey>((key) => typeof key === 'object' && key !== null));

/** Null for one that was removed, as for one that never was. */
export async function findTransmitter(db: Db, id: string): Promise<KnownTransmitter | null> {
  if (!isId('transmitter', id)) return null;
  const [row] = await db.execute<{
    tenant_id: string;
    name: string;
    issuer: string;
    keys: unknown;
    keys_url: string | null;
  }>(sql`select * from auth_find_transmitter(${uuidOf(id)}::uuid)`);
  if (row === undefined) return null;
  return {
    tenantId: mintTenantId(idOf('tenant', row.tenant_id)),
    id,
    name: row.name,
    issuer: row.issuer,
    keys: row.keys === null ? null : storedKeys.parse(row.keys),
    keysUrl: row.keys_url,
  };
}
