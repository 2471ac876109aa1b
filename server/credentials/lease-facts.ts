import { sql } from 'drizzle-orm';
import type { LeaseEnd } from '#db/enums.ts';
import type { LeaseFacts } from './judge-lease.ts';

/**
 * What a lease hangs on beside the stops, as columns over {@link leaseTables}: written once, so that what
 * is counted on a page is dead by the same facts as at an introspection.
 */
export const leaseFactColumns = sql`l.ended, l.expires_at <= clock_timestamp() as is_expired,
  a.state = 'active' as is_agent_active, a.environment = l.environment as is_same_environment,
  coalesce((select k.revoked_at is null
      and (k.expires_at is null or k.expires_at > clock_timestamp())
    from api_keys k where k.tenant_id = l.tenant_id and k.id = l.key_id), false) as is_key_live,
  exists (select 1 from credential_holders h where h.tenant_id = l.tenant_id
    and h.credential_id = l.credential_id and h.agent_id = l.agent_id) as is_holder,
  c.revoke_requested_at is not null as is_credential_revoked,
  coalesce(c.expires_at <= clock_timestamp(), false) as is_credential_expired`;

export const leaseTables = sql`leases l
  join agents a on a.tenant_id = l.tenant_id and a.id = l.agent_id
  join credentials c on c.tenant_id = l.tenant_id and c.id = l.credential_id`;

/** A row of {@link leaseFactColumns}. */
export interface LeaseFactRow extends Record<string, unknown> {
  readonly ended: LeaseEnd | null;
  readonly is_expired: boolean;
  readonly is_agent_active: boolean;
  readonly is_same_environment: boolean;
  readonly is_key_live: boolean;
  readonly is_holder: boolean;
  readonly is_credential_revoked: boolean;
  readonly is_credential_expired: boolean;
}

/** What {@link judgeLease} asks for, the stops aside. */
export const factsOf = (row: LeaseFactRow): Omit<LeaseFacts, 'isStopped'> => ({
  ended: row.ended,
  isExpired: row.is_expired,
  isAgentActive: row.is_agent_active,
  isSameEnvironment: row.is_same_environment,
  isKeyLive: row.is_key_live,
  isHolder: row.is_holder,
  isCredentialRevoked: row.is_credential_revoked,
  isCredentialExpired: row.is_credential_expired,
});
