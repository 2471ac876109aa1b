import { and, desc, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { containments } from '#db/schema/containment.ts';
import { countLeases, noLeases } from '#server/credentials/count-leases.ts';
import { type Holding, readHoldings } from '#server/credentials/read-holdings.ts';
import type { PlacedScope } from '#server/gate/contract.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { coveredAgents, goesFirst } from '#server/gate/covered-agents.ts';
import { coveredHoldings } from './covered-holdings.ts';
import type { CutFacts } from './cut-proof.ts';

/** What agents under a stop hold, and what of it is still alive. */
export interface Cuts {
  readonly holdings: readonly Holding[];
  readonly byAgent: ReadonlyMap<string, CutFacts>;
}

/** Agents that a scope covers now, without those that go first out of its stop; at most `limits.ladderInstancesMax`. */
export async function readCoveredAgents(
  tx: Tx,
  ctx: Ctx,
  scope: PlacedScope,
): Promise<{ id: string; slug: string }[]> {
  const rows = await tx.execute<{ id: string; slug: string }>(sql`
    select a.id, a.slug from agents a
    where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and ${coveredAgents({ scope, liftedAt: null })}
      and not ${goesFirst(scope)}
    order by a.slug limit ${limits.ladderInstancesMax}`);
  return rows.map((row) => ({ id: idOf('agent', row.id), slug: row.slug }));
}

/** When a stop's cut was last made, whoever contained what it covers; null while it was not. */
export async function readCutAt(tx: Tx, ctx: Ctx, stopId: string): Promise<string | null> {
  const [row] = await tx
    .select({ cutAt: containments.cutAt })
    .from(containments)
    .where(
      and(
        eq(containments.tenantId, ctx.tenantId),
        eq(containments.stopId, stopId),
        isNull(containments.releasedAt),
        isNotNull(containments.cutAt),
      ),
    )
    .orderBy(desc(containments.cutAt))
    .limit(1);
  return row?.cutAt ?? null;
}

/** How far the credentials of what a scope covers are cut, as everything stands at this moment. */
export async function readCuts(
  tx: Tx,
  ctx: Ctx,
  { scope, cutAt }: { readonly scope: PlacedScope; readonly cutAt: string | null },
  agentIds: readonly string[],
): Promise<Cuts> {
  const only = coveredHoldings({ scope });
  const holdings = await readHoldings(tx, ctx, agentIds, only);
  const leases = await countLeases(tx, ctx, agentIds, only);
  const byAgent = new Map<string, CutFacts>();
  for (const agentId of agentIds) {
    const credentials = holdings
      .filter((holding) => holding.agentId === agentId)
      .map(({ name, death }) => ({ name, death }));
    const count = leases === null ? null : (leases.get(agentId) ?? noLeases);
    byAgent.set(agentId, { leases: count, cutAt, credentials });
  }
  return { holdings, byAgent };
}
