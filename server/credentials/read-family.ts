import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { CredentialKind, ProviderAdapter } from '#db/enums.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/** One of a credential and all that was made from it. */
export interface FamilyMember {
  readonly id: string;
  readonly name: string;
  readonly tool: string;
  readonly kind: CredentialKind;
  /** The credential of which it was found, and how far below it: 0 for that one itself. */
  readonly rootId: string;
  readonly depth: number;
  readonly isRevoked: boolean;
  readonly expiresAt: string | null;
  readonly providerId: string | null;
  readonly providerName: string | null;
  readonly adapter: ProviderAdapter | null;
  /** Neither ended nor expired by their rows. */
  readonly liveLeases: number;
  readonly holders: number;
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly root: string;
  readonly name: string;
  readonly tool: string;
  readonly kind: CredentialKind;
  readonly depth: number;
  readonly is_revoked: boolean;
  readonly expires_at: string | null;
  readonly provider_id: string | null;
  readonly provider_name: string | null;
  readonly adapter: ProviderAdapter | null;
  readonly live_leases: number;
  readonly holders: number;
}

/** A credential and its descendants, parents before children; none for an unknown id. */
export function readFamily(tx: Tx, ctx: Ctx, id: string): Promise<readonly FamilyMember[]> {
  return readFamilies(tx, ctx, [id]);
}

/**
 * The same for several at once, each member once: of the root that lies furthest above it, so that it
 * waits for all that could make it anew.
 */
export async function readFamilies(
  tx: Tx,
  ctx: Ctx,
  ids: readonly string[],
): Promise<readonly FamilyMember[]> {
  const roots = sql.param(`{${ids.map(uuidOf).join(',')}}`);
  const tenant = sql`${uuidOf(ctx.tenantId)}::uuid`;
  const rows = await tx.execute<Row>(sql`
    with recursive found(root, id, depth) as (
      select c.id, c.id, 0 from credentials c
        where c.tenant_id = ${tenant} and c.id = any(${roots}::uuid[])
      union all
      select f.root, c.id, f.depth + 1 from credentials c join found f on c.parent_id = f.id
        where c.tenant_id = ${tenant} and f.depth < ${limits.familyDepthMax}),
    family as (select distinct on (id) root, id, depth from found order by id, depth desc)
    select c.id, f.root, c.name, c.tool, c.kind, f.depth, c.revoke_requested_at is not null as is_revoked,
      c.expires_at::text, c.provider_id, p.name as provider_name, p.adapter,
      (select count(*) from leases l where l.tenant_id = c.tenant_id and l.credential_id = c.id
        and l.ended_at is null and l.expires_at > clock_timestamp())::int as live_leases,
      (select count(*) from credential_holders h where h.tenant_id = c.tenant_id
        and h.credential_id = c.id)::int as holders
    from family f join credentials c on c.tenant_id = ${tenant} and c.id = f.id
    left join credential_providers p on p.tenant_id = c.tenant_id and p.id = c.provider_id
    order by f.depth, c.name`);
  return rows.map((row) => ({
    id: idOf('credential', row.id),
    rootId: idOf('credential', row.root),
    name: row.name,
    tool: row.tool,
    kind: row.kind,
    depth: row.depth,
    isRevoked: row.is_revoked,
    expiresAt: row.expires_at === null ? null : instantFromDriver(row.expires_at),
    providerId: row.provider_id === null ? null : idOf('provider', row.provider_id),
    providerName: row.provider_name,
    adapter: row.adapter,
    liveLeases: row.live_leases,
    holders: row.holders,
  }));
}
