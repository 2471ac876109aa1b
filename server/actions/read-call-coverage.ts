import { sql } from 'drizzle-orm';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { CallCoverage } from './contract.ts';

interface Row extends Record<string, unknown> {
  readonly agent_id: string;
  readonly agent_slug: string;
  readonly tool: string;
  readonly calls: number;
  readonly permitted: number;
  readonly unverified: number;
}

/**
 * How many of the governed calls of agents had a redeemed permit, by agent and tool, the least covered
 * first. Only redeems count, whatever the agent reports; a call that is still open is not among them.
 * At most `limits.coverageRowsMax` rows. @throws AppError `forbidden`
 */
export async function readCallCoverage(
  ctx: Ctx,
  agentIds: readonly string[] | null,
): Promise<CallCoverage[]> {
  requirePermission(ctx, 'agents.read');
  const wanted = agentIds?.filter((id) => isId('agent', id)).map(uuidOf);
  const ofAgents =
    wanted === undefined
      ? sql`true`
      : sql`c.agent_id = any(${sql.param(`{${wanted.join(',')}}`)}::uuid[])`;
  const rows = await withRead(ctx, (tx) =>
    tx.execute<Row>(sql`
      select c.agent_id, max(c.agent_slug) as agent_slug, c.tool,
        (count(*) filter (where c.permit in ('redeemed', 'missing')))::int as calls,
        (count(*) filter (where c.permit = 'redeemed'))::int as permitted,
        (count(*) filter (where c.permit = 'unverified'))::int as unverified
      from governed_calls c
      where c.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and c.permit is not null and ${ofAgents}
        and c.started_at > now() - interval '30 days'
      group by c.agent_id, c.tool
      order by (count(*) filter (where c.permit = 'redeemed'))::float8 / count(*), 2, c.tool
      limit ${limits.coverageRowsMax}`),
  );
  return rows.map(({ agent_id, agent_slug: agent, tool, calls, permitted, unverified }) => ({
    agentId: idOf('agent', agent_id),
    agent,
    tool,
    calls,
    permitted,
    percent: calls === 0 ? null : Math.floor((100 * permitted) / calls),
    unverified,
  }));
}
