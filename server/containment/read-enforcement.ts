import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Enforcement } from './contract.ts';
import { enforcementClass } from './enforcement-class.ts';

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly asked: number;
  readonly by_enforcer: number;
  readonly by_agent: number;
  readonly instances: number;
  readonly connected: number;
  readonly bypassed: number;
  readonly governed: number;
}

/**
 * The enforcement class of agents, by id, from our own records of the last 30 days. What is no agent of
 * the tenant, or no agent's id at all, is left out.
 * @throws AppError `forbidden`
 */
export async function readEnforcement(
  ctx: Ctx,
  agentIds: readonly string[],
): Promise<Map<string, Enforcement>> {
  requirePermission(ctx, 'agents.read');
  const known = agentIds.filter((id) => isId('agent', id));
  if (known.length === 0) return new Map();
  const rows = await withRead(ctx, (tx) => selectFacts(tx, ctx, known));
  return new Map(rows.map((row) => [idOf('agent', row.id), classOf(row)]));
}

const classOf = (row: Row): Enforcement =>
  enforcementClass({
    asked: row.asked,
    redeemedByEnforcer: row.by_enforcer,
    redeemedByAgent: row.by_agent,
    governedCalls: row.governed,
    bypassedCalls: row.bypassed,
    instances: row.instances,
    connectedInstances: row.connected,
  });

/**
 * Streams count only under the agent's own key, which is the only one that opens them; instances that
 * telemetry names but that hold no stream count against the class.
 */
function selectFacts(tx: Tx, ctx: Ctx, agentIds: readonly string[]) {
  const tenant = sql`${uuidOf(ctx.tenantId)}::uuid`;
  const ids = sql`${sql.param(`{${agentIds.map(uuidOf).join(',')}}`)}::uuid[]`;
  const leaseSeconds = limits.livenessLeaseMs / 1000;
  return tx.execute<Row>(sql`
    select a.id,
      (select count(*) from actions x where x.tenant_id = ${tenant} and x.agent_id = a.id
        and x.decided_at > now() - interval '30 days')::int as asked,
      coalesce(p.by_enforcer, 0)::int as by_enforcer, coalesce(p.by_agent, 0)::int as by_agent,
      coalesce(i.instances, 0)::int as instances, coalesce(i.connected, 0)::int as connected,
      coalesce(e.bypassed, 0)::int as bypassed,
      (coalesce(e.bypassed, 0) + coalesce(p.by_enforcer, 0) + coalesce(p.by_agent, 0))::int as governed
    from agents a
    left join lateral (
      select count(*) filter (where redeemed_by_kind = 'enforcer') as by_enforcer,
        count(*) filter (where redeemed_by_kind = 'agent') as by_agent
      from permits where tenant_id = ${tenant} and agent_id = a.id
        and redeemed_at > now() - interval '30 days') p on true
    left join lateral (
      select count(*) as instances,
        count(*) filter (where reached > now() - make_interval(secs => ${leaseSeconds})) as connected
      from (
        select coalesce(i.instance_id, b.instance_id) as instance_id, b.stream_seen_at as reached
        from (select instance_id from agent_instances where tenant_id = ${tenant}
            and agent_id = a.id and last_seen_at > now() - interval '1 day') i
          full join (select instance_id, stream_seen_at from instance_beats where tenant_id = ${tenant}
            and agent_id = a.id and greatest(beat_at, stream_seen_at) > now() - interval '1 day') b
          using (instance_id)) both_sides) i on true
    left join lateral (
      select count(*) as bypassed from governed_calls
      where tenant_id = ${tenant} and agent_id = a.id and permit in ('missing', 'unverified')
        and started_at > now() - interval '30 days') e on true
    where a.tenant_id = ${tenant} and a.id = any(${ids})`);
}
