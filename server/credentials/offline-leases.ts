import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';

/**
 * Until when a verifier that checks signature and time alone takes a lease: the last second of a JWT that
 * is not over, whether it was ended or not; null of any other. `of`: what the statement calls the table.
 */
export const offlineUntilOf = (of: SQL): SQL =>
  sql`case when ${of}.token_format = 'jwt' and ${of}.expires_at > clock_timestamp()
    then ${of}.expires_at end`;

/** The same of all leases of credentials, by credential; RFC 3339. None is left out that has one. */
export async function readOfflineUntil(
  tx: Tx,
  ctx: Ctx,
  credentialIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const ids = sql.param(`{${credentialIds.map(uuidOf).join(',')}}`);
  const rows = await tx.execute<{ id: string; until: string }>(sql`
    select l.credential_id as id, max(l.expires_at)::text as until from leases l
    where l.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and l.credential_id = any(${ids}::uuid[])
      and l.token_format = 'jwt' and l.expires_at > clock_timestamp()
    group by l.credential_id`);
  return new Map(rows.map((row) => [idOf('credential', row.id), instantFromDriver(row.until)]));
}

/** The later of two instants; null where neither is. */
export function laterOf(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return Date.parse(one) >= Date.parse(other) ? one : other;
}

/** What is said of leases that are dead here and taken elsewhere; whole seconds. */
export const saysOffline = (until: string): string =>
  `Whoever checks a JWT without asking here takes one until ${until.slice(0, 10)} ${until.slice(11, 19)} UTC.`;
