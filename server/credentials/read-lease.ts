import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { LeaseEnd } from '#db/enums.ts';
import { readCoverage } from '#server/gate/read-coverage.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { judgeLease, type LeaseDeath } from './judge-lease.ts';

/** A lease with the verdict of this moment. */
export interface JudgedLease {
  readonly id: string;
  readonly agentId: string;
  readonly agentSlug: string;
  readonly credentialId: string;
  readonly tool: string;
  readonly scopes: readonly string[];
  readonly actionId: string | null;
  readonly issuedAt: string;
  /** Whole seconds since 1970. */
  readonly issuedSeconds: number;
  readonly expiresSeconds: number;
  readonly isEnded: boolean;
  /** Null while it is live. */
  readonly death: LeaseDeath | null;
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly agent_id: string;
  readonly agent_slug: string;
  readonly credential_id: string;
  readonly tool: string;
  readonly scopes: string[];
  readonly environment: string;
  readonly session_id: string | null;
  readonly action_id: string | null;
  readonly epoch: string;
  readonly issued_at: string;
  readonly issued_s: number;
  readonly expires_s: number;
  readonly ended: LeaseEnd | null;
  readonly is_expired: boolean;
  readonly is_agent_active: boolean;
  readonly is_same_environment: boolean;
  readonly is_key_live: boolean;
  readonly is_holder: boolean;
  readonly is_credential_revoked: boolean;
  readonly is_credential_expired: boolean;
}

/**
 * The lease of a token and all that it hangs on, as they are now; null for an unknown one. Then the stops, in a later statement, whose snapshot
 * is younger: what a stop has ended is never told live after its acknowledgement.
 */
export async function readLeaseByHash(tx: Tx, ctx: Ctx, hash: Buffer): Promise<JudgedLease | null> {
  const [row] = await tx.execute<Row>(sql`
    select l.id, l.agent_id, a.slug as agent_slug, l.credential_id, l.tool, l.scopes, l.environment,
      l.session_id, l.action_id, l.epoch::text, l.issued_at::text, l.ended,
      floor(extract(epoch from l.issued_at))::float8 as issued_s,
      floor(extract(epoch from l.expires_at))::float8 as expires_s,
      l.expires_at <= clock_timestamp() as is_expired,
      a.state = 'active' as is_agent_active, a.environment = l.environment as is_same_environment,
      coalesce((select k.revoked_at is null
          and (k.expires_at is null or k.expires_at > clock_timestamp())
        from api_keys k where k.tenant_id = l.tenant_id and k.id = l.key_id), false) as is_key_live,
      exists (select 1 from credential_holders h where h.tenant_id = l.tenant_id
        and h.credential_id = l.credential_id and h.agent_id = l.agent_id) as is_holder,
      c.revoke_requested_at is not null as is_credential_revoked,
      coalesce(c.expires_at <= clock_timestamp(), false) as is_credential_expired
    from leases l
    join agents a on a.tenant_id = l.tenant_id and a.id = l.agent_id
    join credentials c on c.tenant_id = l.tenant_id and c.id = l.credential_id
    where l.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and l.token_hash = ${hash}`);
  if (!row) return null;
  return {
    ...leaseOf(row),
    death: judgeLease({ ...factsOf(row), ...(await readStops(tx, ctx, row)) }),
  };
}

async function readStops(tx: Tx, ctx: Ctx, row: Row): Promise<{ isStopped: boolean }> {
  const subject = {
    agentId: idOf('agent', row.agent_id),
    environment: row.environment,
    sessionId: row.session_id,
    tool: row.tool,
    credentialId: idOf('credential', row.credential_id),
  };
  const { standing, lastEpoch } = await readCoverage(tx, ctx, subject, row.issued_at);
  // Ended for good by a stop since, lifted or not, as a permit is.
  return { isStopped: standing !== null || lastEpoch > Number(row.epoch) || isStopFilePresent() };
}

const factsOf = (row: Row) => ({
  ended: row.ended,
  isExpired: row.is_expired,
  isAgentActive: row.is_agent_active,
  isSameEnvironment: row.is_same_environment,
  isKeyLive: row.is_key_live,
  isHolder: row.is_holder,
  isCredentialRevoked: row.is_credential_revoked,
  isCredentialExpired: row.is_credential_expired,
});

const leaseOf = (row: Row) => ({
  id: idOf('lease', row.id),
  agentId: idOf('agent', row.agent_id),
  agentSlug: row.agent_slug,
  credentialId: idOf('credential', row.credential_id),
  tool: row.tool,
  scopes: row.scopes,
  actionId: row.action_id === null ? null : idOf('action', row.action_id),
  issuedAt: instantFromDriver(row.issued_at),
  issuedSeconds: row.issued_s,
  expiresSeconds: row.expires_s,
  isEnded: row.ended !== null,
});
