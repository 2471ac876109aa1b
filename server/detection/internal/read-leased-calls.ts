import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { textArray } from '#server/telemetry/array-literal.ts';
import type { TailEvent } from '#server/telemetry/tail-event.ts';

/** Whether a call of a tool that the broker keeps a credential of was made under a lease. */
export interface CallLease {
  readonly state: 'held' | 'missing';
  /** Credentials that the call could have taken a lease of, the agent's own ones where it holds any. */
  readonly credentialIds: readonly string[];
}

interface Row extends Record<string, unknown> {
  readonly at: number;
  readonly is_leased: boolean;
  readonly credential_ids: string[];
}

/**
 * Of a batch, the calls that came to something and whose tool is entered with a credential of the
 * broker: did their agent have a lease of the tool at any time of the call? Only calls that the agent's
 * own key tells of: another key's word proves nothing, neither way. Clocks may differ by
 * `limits.clockSkewMs`, in the agent's favour. What the call was entered with is not known here.
 */
export async function readLeasedCalls(
  tx: Tx,
  ctx: Ctx,
  batch: readonly TailEvent[],
): Promise<ReadonlyMap<TailEvent, CallLease>> {
  const calls = batch.filter(
    (event) =>
      event.kind === 'tool_call' &&
      event.name !== null &&
      event.phase !== 'start' &&
      event.revision === 0 &&
      event.status !== 'error' &&
      event.identity === 'verified',
  );
  if (calls.length === 0) return new Map();
  const skew = sql`make_interval(secs => ${limits.clockSkewMs / 1000})`;
  const rows = await tx.execute<Row>(sql`
    select w.at::int, k.credential_ids,
      exists (select 1 from leases l where l.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and l.agent_id = w.agent_id and l.tool = w.tool
        and l.issued_at <= w.received_at
        and coalesce(l.ended_at, l.expires_at) >= w.started_at - ${skew}) as is_leased
    from unnest(
      ${textArray(calls.map((call) => uuidOf(call.agentId)))}::uuid[],
      ${textArray(calls.map((call) => call.name ?? ''))}::text[],
      ${textArray(calls.map((call) => call.startedAt))}::timestamptz[],
      ${textArray(calls.map((call) => call.receivedAt))}::timestamptz[]
    ) with ordinality as w (agent_id, tool, started_at, received_at, at)
    join agents a on a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and a.id = w.agent_id
    cross join lateral (
      select case when bool_or(o.is_held) then array_agg(o.id order by o.id) filter (where o.is_held)
        else array_agg(o.id order by o.id) end as credential_ids
      from (select c.id, exists (select 1 from credential_holders h
            where h.tenant_id = c.tenant_id and h.credential_id = c.id
              and h.agent_id = w.agent_id) as is_held
          from credentials c
          where c.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and c.tool = w.tool
            and (c.environment is null or c.environment = a.environment)
            and c.created_at < w.started_at - ${skew}
            and (c.revoke_requested_at is null or c.revoke_requested_at > w.received_at)
            and (c.expires_at is null or c.expires_at > w.received_at)
          limit ${limits.credentialsPerCallMax}) o) k
    where k.credential_ids is not null`);
  const leased = new Map<TailEvent, CallLease>();
  for (const { at, is_leased: isLeased, credential_ids: ids } of rows) {
    const call = calls[at - 1];
    if (call === undefined) continue;
    const credentialIds = ids.map((id) => idOf('credential', id));
    leased.set(call, { state: isLeased ? 'held' : 'missing', credentialIds });
  }
  return leased;
}
