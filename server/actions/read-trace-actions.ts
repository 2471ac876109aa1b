import { sql } from 'drizzle-orm';
import { requirePermission } from '#server/auth/require-permission.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { Decision } from '#db/enums.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { TraceActions } from './contract.ts';

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly agent_id: string;
  readonly agent: string;
  readonly environment: string;
  readonly session_id: string | null;
  readonly tool: string;
  readonly decision: Decision;
  readonly decided_at: string;
  readonly approval_id: string | null;
  readonly result: string | null;
  readonly resolved_at: string | null;
  readonly permits: TraceActions['items'][number]['permits'];
  readonly outcome: TraceActions['items'][number]['outcome'];
}

/**
 * The actions that were asked for in a trace, oldest first, at most `limits.pageItemsMax`, each with
 * the instants of what came of it: from these a page folds the state at any moment. Never an argument
 * or a reason. A trace that is foreign or absent has none.
 * @throws AppError `forbidden`
 */
export async function readTraceActions(ctx: Ctx, traceId: string): Promise<TraceActions> {
  requirePermission(ctx, 'actions.read');
  const tenant = uuidOf(ctx.tenantId);
  const rows = await withRead(ctx, (tx) =>
    tx.execute<Row>(sql`
      select x.id, x.agent_id, x.agent_slug as agent, x.environment, x.session_id, x.tool,
        x.decision, x.decided_at::text as decided_at, p.id as approval_id,
        case when x.cancelled_at is not null then 'cancelled' else p.result end as result,
        coalesce(x.cancelled_at, p.resolved_at)::text as resolved_at,
        coalesce((
          select json_agg(json_build_object(
              'issuedAt', m.issued_at, 'expiresAt', m.expires_at, 'redeemedAt', m.redeemed_at)
            order by m.issued_at)
          from permits m where m.tenant_id = x.tenant_id and m.action_id = x.id), '[]') as permits,
        (select json_build_object('status', o.status, 'at', o.at)
          from outcomes o where o.tenant_id = x.tenant_id and o.action_id = x.id) as outcome
      from actions x
      left join approvals p on p.tenant_id = x.tenant_id and p.action_id = x.id
      where x.tenant_id = ${tenant}::uuid and x.trace_id = ${traceId}
      order by x.decided_at, x.id
      limit ${limits.pageItemsMax + 1}`),
  );
  return {
    items: rows.slice(0, limits.pageItemsMax).map((row) => ({
      id: idOf('action', row.id),
      agentId: idOf('agent', row.agent_id),
      agent: row.agent,
      environment: row.environment,
      sessionId: row.session_id,
      tool: row.tool,
      decision: row.decision,
      decidedAt: instantFromDriver(row.decided_at),
      approvalId: row.approval_id === null ? null : idOf('approval', row.approval_id),
      resolved:
        row.resolved_at === null || row.result === null
          ? null
          : { state: row.result, at: instantFromDriver(row.resolved_at) },
      permits: row.permits,
      outcome: row.outcome,
    })),
    isCut: rows.length > limits.pageItemsMax,
  };
}
