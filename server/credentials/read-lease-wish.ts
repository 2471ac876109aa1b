import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import type { CredentialOption } from './choose-credential.ts';

/** Who asks for a lease, of which tool and for which action. */
export interface LeaseWish {
  readonly agentId: string;
  readonly keyId: string;
  readonly tool: string;
  readonly actionId: string | null;
}

/** The agent and its key as their rows say at this moment, not as the door remembers them. */
export interface LeasePrincipal {
  readonly environment: string;
  readonly isAgentActive: boolean;
  readonly isKeyLive: boolean;
}

/** The action that a lease is for, as far as it carries one. */
export interface LeaseAction {
  readonly id: string;
  readonly sessionId: string | null;
  /** The permit it holds, unused or running; null when it holds none. */
  readonly permit: { readonly issuedAt: string; readonly epoch: number } | null;
}

/**
 * The agent and the key, each under a shared lock when `isLocked`: whoever disables or revokes waits
 * for the lease, or the lease sees what they did. Null when one of them is gone.
 */
export async function readPrincipal(
  tx: Tx,
  ctx: Ctx,
  { agentId, keyId }: LeaseWish,
  isLocked: boolean,
): Promise<LeasePrincipal | null> {
  const [row] = await tx.execute<{
    environment: string;
    is_agent_active: boolean;
    is_key_live: boolean;
  }>(sql`
    select a.environment, a.state = 'active' as is_agent_active,
      k.revoked_at is null and k.kind = 'agent'
        and (k.expires_at is null or k.expires_at > clock_timestamp()) as is_key_live
    from agents a
    join api_keys k on k.tenant_id = a.tenant_id and k.agent_id = a.id
      and k.id = ${uuidOf(keyId)}::uuid
    where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and a.id = ${uuidOf(agentId)}::uuid
    ${isLocked ? sql`for share` : sql``}`);
  if (!row) return null;
  return {
    environment: row.environment,
    isAgentActive: row.is_agent_active,
    isKeyLive: row.is_key_live,
  };
}

/**
 * The credentials of the tool, locked like the principal; in the order of their ids, which is the order
 * of their making and the one in which a revocation locks them.
 */
export async function readOptions(
  tx: Tx,
  ctx: Ctx,
  { agentId, tool }: LeaseWish,
  isLocked: boolean,
): Promise<(CredentialOption & { leaseSecondsMax: number; isActionRequired: boolean })[]> {
  const rows = await tx.execute<{
    id: string;
    scopes: string[];
    environment: string | null;
    is_holder: boolean;
    is_live: boolean;
    lease_seconds_max: number;
    is_action_required: boolean;
  }>(sql`
    select c.id, c.scopes, c.environment, c.lease_seconds_max, c.is_action_required,
      exists (select 1 from credential_holders h where h.tenant_id = c.tenant_id
        and h.credential_id = c.id and h.agent_id = ${uuidOf(agentId)}::uuid) as is_holder,
      c.revoke_requested_at is null
        and (c.expires_at is null or c.expires_at > clock_timestamp()) as is_live
    from credentials c
    where c.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and c.tool = ${tool}
    order by c.id ${isLocked ? sql`for share of c` : sql``}`);
  return rows.map((row) => ({
    id: idOf('credential', row.id),
    scopes: row.scopes,
    environment: row.environment,
    isHolder: row.is_holder,
    isLive: row.is_live,
    leaseSecondsMax: row.lease_seconds_max,
    isActionRequired: row.is_action_required,
  }));
}

/** The agent's own action of the same tool; null for any other. */
export async function readLeaseAction(
  tx: Tx,
  ctx: Ctx,
  { agentId, tool, actionId }: LeaseWish,
): Promise<LeaseAction | null> {
  if (actionId === null || !isId('action', actionId)) return null;
  const [row] = await tx.execute<{
    session_id: string | null;
    issued_at: string | null;
    epoch: string | null;
  }>(sql`
    select a.session_id, p.issued_at::text, p.epoch::text
    from actions a
    left join lateral (select p.issued_at, p.epoch from permits p
      where p.tenant_id = a.tenant_id and p.action_id = a.id
        and a.cancelled_at is null and a.superseded_by is null
        and not exists (select 1 from outcomes o
          where o.tenant_id = a.tenant_id and o.action_id = a.id)
        and case when p.redeemed_at is null then p.expires_at else p.outcome_due_at end
          > clock_timestamp()
      order by p.issued_at desc limit 1) p on true
    where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and a.id = ${uuidOf(actionId)}::uuid
      and a.agent_id = ${uuidOf(agentId)}::uuid and a.tool = ${tool}`);
  if (!row) return null;
  const { issued_at: issuedAt, epoch } = row;
  const permit = issuedAt === null || epoch === null ? null : { issuedAt, epoch: Number(epoch) };
  return { id: actionId, sessionId: row.session_id, permit };
}
