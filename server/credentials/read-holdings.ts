import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { RevocationState, RevocationTarget } from '#db/enums.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { credentialDeath, type Death, type DeathPart } from './credential-death.ts';

/** Of an agent's credentials and leases, those that a stop covers. Empty: all of them. */
export interface HoldingFilter {
  readonly tool?: string;
  readonly credentialId?: string;
  readonly sessionId?: string;
}

/** A credential, and how surely it is dead at this moment. */
export interface MortalCredential {
  readonly credentialId: string;
  readonly name: string;
  readonly tool: string;
  /** Where it was made; null where nobody has said. */
  readonly provider: string | null;
  readonly isRevokeRequested: boolean;
  readonly death: Death;
}

/** A credential that an agent may take leases of. */
export interface Holding extends MortalCredential {
  readonly agentId: string;
  /** Slugs of others that may take leases of it too: they lose it as well. */
  readonly sharedWith: readonly string[];
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly tool: string;
  readonly provider: string | null;
  readonly expires_at: string | null;
  readonly is_revoke_requested: boolean;
  readonly parts: PartJson[] | null;
  readonly now_ms: number;
}

interface HoldingRow extends Row {
  readonly agent_id: string;
  readonly shared_with: string[] | null;
}

interface PartJson {
  readonly target: RevocationTarget;
  readonly state: RevocationState;
  readonly at_work: boolean;
  readonly says: string;
  readonly last_valid_at: string | null;
  readonly offline_until: string | null;
  readonly verified_at: string | null;
}

const idsOf = (ids: readonly string[]) =>
  sql`${sql.param(`{${ids.map(uuidOf).join(',')}}`)}::uuid[]`;

/** Columns of {@link Row}, of a credential `c` with its provider `p`. */
const mortalColumns = sql`c.id, c.name, c.tool, p.name as provider, c.expires_at::text,
  c.revoke_requested_at is not null as is_revoke_requested,
  (select json_agg(json_build_object('target', r.target, 'state', r.state, 'says', r.says,
      'at_work', r.next_attempt_at is not null
        and r.incarnation = (select incarnation from log_incarnation),
      'last_valid_at', r.last_valid_at::text, 'offline_until', r.offline_until::text, 'verified_at', r.verified_at::text)
      order by r.target)
    from revocations r where r.tenant_id = c.tenant_id and r.credential_id = c.id) as parts,
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms`;

/**
 * What agents hold of the broker's credentials, by name, each with its death. For showing and for
 * cutting; whoever issues reads its own rows under locks.
 */
export async function readHoldings(
  tx: Tx,
  ctx: Ctx,
  agentIds: readonly string[],
  only: HoldingFilter = {},
): Promise<Holding[]> {
  if (agentIds.length === 0) return [];
  const rows = await tx.execute<HoldingRow>(sql`
    select ${mortalColumns}, h.agent_id,
      (select array_agg(a.slug order by a.slug) from credential_holders o
        join agents a on a.tenant_id = o.tenant_id and a.id = o.agent_id
        where o.tenant_id = c.tenant_id and o.credential_id = c.id
          and o.agent_id <> h.agent_id) as shared_with
    from credential_holders h
    join credentials c on c.tenant_id = h.tenant_id and c.id = h.credential_id
    left join credential_providers p on p.tenant_id = c.tenant_id and p.id = c.provider_id
    where h.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and h.agent_id = any(${idsOf(agentIds)})
      and ${only.tool === undefined ? sql`true` : sql`c.tool = ${only.tool}`}
      and ${only.credentialId === undefined ? sql`true` : sql`c.id = ${uuidOf(only.credentialId)}::uuid`}
      and ${
        only.sessionId === undefined
          ? sql`true`
          : sql`exists (select 1 from leases l where l.tenant_id = c.tenant_id
              and l.agent_id = h.agent_id and l.credential_id = c.id
              and l.session_id = ${only.sessionId})`
      }
    order by c.name`);
  return rows.map((row) => ({
    ...mortalOf(row),
    agentId: idOf('agent', row.agent_id),
    sharedWith: row.shared_with ?? [],
  }));
}

/** Credentials by their ids, whoever holds them now. */
export async function readMortals(
  tx: Tx,
  ctx: Ctx,
  ids: readonly string[],
): Promise<MortalCredential[]> {
  if (ids.length === 0) return [];
  const rows = await tx.execute<Row>(sql`
    select ${mortalColumns} from credentials c
    left join credential_providers p on p.tenant_id = c.tenant_id and p.id = c.provider_id
    where c.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and c.id = any(${idsOf(ids)})
    order by c.name`);
  return rows.map(mortalOf);
}

function mortalOf(row: Row): MortalCredential {
  const expiresAt = row.expires_at === null ? null : instantFromDriver(row.expires_at);
  const parts = (row.parts ?? []).map((part) => partOf(part, row.provider));
  return {
    credentialId: idOf('credential', row.id),
    name: row.name,
    tool: row.tool,
    provider: row.provider,
    isRevokeRequested: row.is_revoke_requested,
    death: credentialDeath({ expiresAt, parts }, row.now_ms),
  };
}

const partOf = (part: PartJson, provider: string | null): DeathPart => ({
  target: part.target,
  state: part.state,
  isAtWork: part.at_work,
  says: part.says,
  lastValidAt: part.last_valid_at === null ? null : instantFromDriver(part.last_valid_at),
  offlineUntil: part.offline_until === null ? null : instantFromDriver(part.offline_until),
  verifiedAt: part.verified_at === null ? null : instantFromDriver(part.verified_at),
  provider: part.target === 'leases' ? null : provider,
});
