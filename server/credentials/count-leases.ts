import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver, instantOrNullFromDriver } from '#db/columns.ts';
import { haltOf, readStopsSince } from '#server/gate/read-stops-since.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { judgeLease } from './judge-lease.ts';
import { factsOf, leaseFactColumns, type LeaseFactRow, leaseTables } from './lease-facts.ts';
import { laterOf, offlineUntilOf } from './offline-leases.ts';
import type { HoldingFilter } from './read-holdings.ts';

/** Leases of an agent whose time is not over, and those of them that an introspection would call live. */
export interface LeaseCount {
  readonly asked: number;
  readonly live: number;
  /** Until when a verifier that does not ask here takes one of them, live or not; null = none. */
  readonly offlineUntil: string | null;
}

/** Of an agent without leases, and the sum of two agents'. */
export const noLeases: LeaseCount = { asked: 0, live: 0, offlineUntil: null };
export const addLeases = (one: LeaseCount, other: LeaseCount): LeaseCount => ({
  asked: one.asked + other.asked,
  live: one.live + other.live,
  offlineUntil: laterOf(one.offlineUntil, other.offlineUntil),
});

interface Row extends LeaseFactRow {
  readonly agent_id: string;
  readonly credential_id: string;
  readonly tool: string;
  readonly session_id: string | null;
  readonly environment: string;
  readonly epoch: string;
  readonly issued_at: string;
  readonly offline_until: string | null;
}

/**
 * Counts the leases of agents, each judged by the same rule as an introspection. Null beyond
 * `limits.leaseProbesMax`: what was not looked at is not called dead.
 */
export async function countLeases(
  tx: Tx,
  ctx: Ctx,
  agentIds: readonly string[],
  only: HoldingFilter = {},
): Promise<ReadonlyMap<string, LeaseCount> | null> {
  const counts = new Map<string, LeaseCount>();
  if (agentIds.length === 0) return counts;
  const rows = await selectLeases(tx, ctx, agentIds, only);
  if (rows.length > limits.leaseProbesMax) return null;
  const [oldest] = rows;
  if (oldest === undefined) return counts;
  // In a later statement, whose snapshot is younger: no stop that ended one is missed.
  const stops = await readStopsSince(tx, ctx, instantFromDriver(oldest.issued_at));
  for (const row of rows) {
    const agentId = idOf('agent', row.agent_id);
    const { isHalted, lastEpoch } = haltOf(stops, {
      agentId,
      environment: row.environment,
      sessionId: row.session_id,
      tool: row.tool,
      credentialId: idOf('credential', row.credential_id),
    });
    const isStopped = isHalted || lastEpoch > Number(row.epoch) || isStopFilePresent();
    const death = judgeLease({ ...factsOf(row), isStopped });
    const offlineUntil = instantOrNullFromDriver(row.offline_until);
    const one = { asked: 1, live: death === null ? 1 : 0, offlineUntil };
    counts.set(agentId, addLeases(counts.get(agentId) ?? noLeases, one));
  }
  return counts;
}

/** Those whose time is not over, oldest first. */
function selectLeases(tx: Tx, ctx: Ctx, agentIds: readonly string[], only: HoldingFilter) {
  const ids = sql.param(`{${agentIds.map(uuidOf).join(',')}}`);
  return tx.execute<Row>(sql`
    select l.agent_id, l.credential_id, l.tool, l.session_id, l.environment, l.epoch::text,
      l.issued_at::text, (${offlineUntilOf(sql`l`)})::text as offline_until, ${leaseFactColumns}
    from ${leaseTables}
    where l.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and l.agent_id = any(${ids}::uuid[])
      and l.expires_at > clock_timestamp()
      and ${only.tool === undefined ? sql`true` : sql`l.tool = ${only.tool}`}
      and ${only.credentialId === undefined ? sql`true` : sql`l.credential_id = ${uuidOf(only.credentialId)}::uuid`}
      and ${only.sessionId === undefined ? sql`true` : sql`l.session_id = ${only.sessionId}`}
    order by l.issued_at limit ${limits.leaseProbesMax + 1}`);
}
