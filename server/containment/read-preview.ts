import { type SQL, sql } from 'drizzle-orm';
import { instantFromDriver } from '#db/columns.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Tx } from '#db/client.ts';
import { countLeases } from '#server/credentials/count-leases.ts';
import { readHoldings } from '#server/credentials/read-holdings.ts';
import { coveredAgents } from '#server/gate/covered-agents.ts';
import { haltOf, readStopsSince } from '#server/gate/read-stops-since.ts';
import { resolveScope } from '#server/gate/resolve-scope.ts';
import type { PlacedScope, StopScope } from '#server/gate/contract.ts';
import { countLifters } from '#server/gate/queries.ts';
import { liftsNeeded } from '#server/gate/tally-lifts.ts';
import { isInTree } from '#server/gate/tree-members.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { coveredHoldings } from './covered-holdings.ts';
import { type Enforcement, enforcementClasses, type StopPreview } from './contract.ts';
import { readEnforcement } from './read-enforcement.ts';

interface Row extends Record<string, unknown> {
  readonly agents: string[] | null;
  readonly instances: number;
  readonly in_flight: number;
  readonly pending: number;
}

/**
 * What a stop of this scope would reach now, counted, and who could lift it. Of a session or a tool only
 * its actions are told apart; its agents are those of the tenant. @throws AppError `forbidden`, `not_found`
 */
export async function readPreview(ctx: Ctx, scope: StopScope): Promise<StopPreview> {
  requirePermission(ctx, 'stops.read');
  const tenant = sql`${uuidOf(ctx.tenantId)}::uuid`;
  const { row, placed, held, livePermits } = await withRead(ctx, async (tx) => {
    const placed = await resolveScope(tx, ctx, scope);
    const agentCovered = coveredAgents({ scope: placed, liftedAt: null });
    const action = coveredActions(tenant, placed);
    const [found] = await tx.execute<Row>(sql`
      select (select array_agg(a.id) from agents a
          where a.tenant_id = ${tenant} and ${agentCovered}) as agents,
        (select count(*) from (
            select agent_id, instance_id from agent_instances
              where tenant_id = ${tenant} and last_seen_at > ${remembered}
            union select agent_id, instance_id from instance_beats
              where tenant_id = ${tenant} and greatest(beat_at, stream_seen_at) > ${remembered}) i
          join agents a on a.tenant_id = ${tenant} and a.id = i.agent_id
          where ${agentCovered})::int as instances,
        (select count(*) from permits p join actions x on x.tenant_id = p.tenant_id and x.id = p.action_id
          left join outcomes o on o.tenant_id = p.tenant_id and o.action_id = p.action_id
          where p.tenant_id = ${tenant} and p.redeemed_at > now() - interval '1 day'
            and o.action_id is null and ${action})::int as in_flight,
        (select count(*) from approvals q join actions x on x.tenant_id = q.tenant_id and x.id = q.action_id
          where q.tenant_id = ${tenant} and q.result = 'pending'
            and q.expires_at > now() and ${action})::int as pending`);
    if (!found) throw new Error('the database counted nothing');
    const ids = (found.agents ?? []).map((id) => idOf('agent', id));
    const held = await readHeld(tx, ctx, placed, ids);
    return { row: found, placed, held, livePermits: await countPermits(tx, ctx, action) };
  });
  const ids = (row.agents ?? []).map((id) => idOf('agent', id));
  const classes = await readEnforcement(ctx, ids);
  return {
    agents: ids.length,
    instances: row.instances,
    inFlight: row.in_flight,
    pendingApprovals: row.pending,
    livePermits,
    ...held,
    lifters: await countLifters(ctx),
    liftsNeeded: liftsNeeded(placed.kind),
    classes: sumClasses([...classes.values()]),
  };
}

/** As long ago as an instance counts: the stop's own page lists the same ones. */
const remembered = sql`now() - make_interval(secs => ${limits.instanceMemoryMs / 1000})`;

/** Actions that a scope covers, as a condition on `actions x`. */
function coveredActions(tenant: SQL, { kind, id }: PlacedScope): SQL {
  switch (kind) {
    case 'tenant':
      return sql`true`;
    case 'agent':
      return sql`x.agent_id = ${uuidOf(id)}::uuid`;
    case 'tree': {
      const root = sql`${uuidOf(id)}::uuid`;
      return isInTree({ tenant, agent: sql`x.agent_id`, root, until: sql`null::timestamptz` });
    }
    case 'environment':
      return sql`x.environment = ${id}`;
    case 'session':
      return sql`x.session_id = ${id}`;
    case 'tool':
      return sql`x.tool = ${id}`;
    case 'credential':
      // Its leases die; actions do not name a credential, so none is told apart.
      return sql`false`;
  }
}

interface PermitRow extends Record<string, unknown> {
  readonly agent_id: string;
  readonly environment: string;
  readonly session_id: string | null;
  readonly tool: string;
  readonly epoch: string;
}

/** Permits that a redeem would take now: whatever an earlier stop has ended is dead for good. */
async function countPermits(tx: Tx, ctx: Ctx, action: SQL): Promise<number> {
  const since = sql`clock_timestamp() - make_interval(secs => ${limits.permitSeconds})`;
  const rows = await tx.execute<PermitRow>(sql`
    select x.agent_id, x.environment, x.session_id, x.tool, p.epoch::text
    from permits p join actions x on x.tenant_id = p.tenant_id and x.id = p.action_id
    where p.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and p.redeemed_at is null
      and p.issued_at > ${since} and p.expires_at > clock_timestamp() and ${action}`);
  if (rows.length === 0) return 0;
  const [moment] = await tx.execute<{ at: string }>(sql`select (${since})::text as at`);
  // In a later statement, whose snapshot is younger: no stop that ended one is missed.
  const stops = await readStopsSince(tx, ctx, instantFromDriver(moment?.at ?? ''));
  return rows.filter((row) => {
    const { isHalted, lastEpoch } = haltOf(stops, {
      agentId: idOf('agent', row.agent_id),
      environment: row.environment,
      sessionId: row.session_id,
      tool: row.tool,
    });
    return !isHalted && lastEpoch <= Number(row.epoch);
  }).length;
}

/** What of the scope's leases and credentials is alive. */
async function readHeld(
  tx: Tx,
  ctx: Ctx,
  scope: PlacedScope,
  agentIds: readonly string[],
): Promise<Pick<StopPreview, 'liveLeases' | 'credentials'>> {
  const only = coveredHoldings({ scope });
  const holdings = await readHoldings(tx, ctx, agentIds, only);
  const leases = await countLeases(tx, ctx, agentIds, only);
  const alive = holdings.filter((holding) => !holding.isRevokeRequested);
  return {
    liveLeases:
      leases === null ? null : [...leases.values()].reduce((sum, { live }) => sum + live, 0),
    credentials: new Set(alive.map((holding) => holding.credentialId)).size,
  };
}

/** By class, weakest first, with the worst bound among its agents. */
function sumClasses(all: readonly Enforcement[]): StopPreview['classes'] {
  return enforcementClasses.flatMap((name) => {
    const mine = all.filter((one) => one.class === name);
    if (mine.length === 0) return [];
    const bounds = mine.map((one) => one.boundSeconds);
    const worst = bounds.includes(null) ? null : Math.max(...bounds.map(Number));
    return [{ class: name, agents: mine.length, boundSeconds: worst }];
  });
}
