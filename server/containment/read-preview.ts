import { sql } from 'drizzle-orm';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Tx } from '#db/client.ts';
import { countLeases } from '#server/credentials/count-leases.ts';
import { readHoldings } from '#server/credentials/read-holdings.ts';
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
  readonly live: number;
}

/**
 * What a stop of this scope would reach now, counted, and who could lift it. Of a session or a tool only
 * its actions are told apart; its agents are those of the tenant. @throws AppError `forbidden`, `not_found`
 */
export async function readPreview(ctx: Ctx, scope: StopScope): Promise<StopPreview> {
  requirePermission(ctx, 'stops.read');
  const tenant = sql`${uuidOf(ctx.tenantId)}::uuid`;
  const { row, placed, held } = await withRead(ctx, async (tx) => {
    const placed = await resolveScope(tx, ctx, scope);
    const tree = { tenant, root: rootOf(placed), until: sql`null::timestamptz` };
    const covers = {
      tenant: { agent: sql`true`, action: sql`true` },
      agent: {
        agent: sql`a.id = ${placed.kind === 'agent' ? uuidOf(placed.id) : null}::uuid`,
        action: sql`x.agent_id = ${placed.kind === 'agent' ? uuidOf(placed.id) : null}::uuid`,
      },
      tree: {
        agent: isInTree({ ...tree, agent: sql`a.id` }),
        action: isInTree({ ...tree, agent: sql`x.agent_id` }),
      },
      environment: {
        agent: sql`a.environment = ${placed.id}`,
        action: sql`x.environment = ${placed.id}`,
      },
      session: { agent: sql`true`, action: sql`x.session_id = ${placed.id}` },
      tool: { agent: sql`true`, action: sql`x.tool = ${placed.id}` },
      // Its leases die; actions do not name a credential, so none is told apart.
      credential: {
        agent: sql`exists (select 1 from credential_holders h where h.tenant_id = ${tenant}
          and h.agent_id = a.id
          and h.credential_id = ${placed.kind === 'credential' ? uuidOf(placed.id) : null}::uuid)`,
        action: sql`false`,
      },
    }[scope.kind];
    const [found] = await tx.execute<Row>(sql`
      select (select array_agg(a.id) from agents a
          where a.tenant_id = ${tenant} and ${covers.agent}) as agents,
        (select count(*) from agent_instances i
          join agents a on a.tenant_id = i.tenant_id and a.id = i.agent_id
          where i.tenant_id = ${tenant} and ${covers.agent}
            and i.last_seen_at > now() - interval '1 day')::int as instances,
        (select count(*) from permits p join actions x on x.tenant_id = p.tenant_id and x.id = p.action_id
          left join outcomes o on o.tenant_id = p.tenant_id and o.action_id = p.action_id
          where p.tenant_id = ${tenant} and p.redeemed_at > now() - interval '1 day'
            and o.action_id is null and ${covers.action})::int as in_flight,
        (select count(*) from approvals q join actions x on x.tenant_id = q.tenant_id and x.id = q.action_id
          where q.tenant_id = ${tenant} and q.result = 'pending'
            and q.expires_at > now() and ${covers.action})::int as pending,
        (select count(*) from permits p join actions x on x.tenant_id = p.tenant_id and x.id = p.action_id
          where p.tenant_id = ${tenant} and p.redeemed_at is null
            and p.issued_at > now() - make_interval(secs => ${limits.permitSeconds})
            and p.expires_at > now() and ${covers.action})::int as live`);
    if (!found) throw new Error('the database counted nothing');
    const ids = (found.agents ?? []).map((id) => idOf('agent', id));
    return { row: found, placed, held: await readHeld(tx, ctx, placed, ids) };
  });
  const ids = (row.agents ?? []).map((id) => idOf('agent', id));
  const classes = await readEnforcement(ctx, ids);
  return {
    agents: ids.length,
    instances: row.instances,
    inFlight: row.in_flight,
    pendingApprovals: row.pending,
    livePermits: row.live,
    ...held,
    lifters: await countLifters(ctx),
    liftsNeeded: liftsNeeded(placed.kind),
    classes: sumClasses([...classes.values()]),
  };
}

const rootOf = ({ kind, id }: PlacedScope) => sql`${kind === 'tree' ? uuidOf(id) : null}::uuid`;

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
