import { eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { tools } from '#db/schema/agents.ts';
import type { ToolFacts } from '#server/detection/event-fields.ts';
import { type LocatedEvent, locateEvents } from '#server/detection/internal/locate-evidence.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Position } from '#server/telemetry/position.ts';
import { plainArray, textArray } from '#server/telemetry/array-literal.ts';

/** The part of a tenant's log that a backtest goes through. */
export interface History {
  /** Right before its first event; null when there is none. */
  readonly since: Position | null;
  /** At most `limits.backtestEventsMax` are counted. */
  readonly events: number;
  readonly isCut: boolean;
  readonly tools: ReadonlyMap<string, ToolFacts>;
}

/** What has been received in the last days, today (UTC) being the first of them. */
export async function readHistory(ctx: Ctx, days: number): Promise<History> {
  return withRead(ctx, async (tx) => {
    const period = sql`tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and received_on > (now() at time zone 'utc')::date - ${days}::int`;
    const [first] = await tx.execute<{ incarnation: number; xid: string; seq: string }>(sql`
      select incarnation, xid::text as xid, seq::text as seq from events where ${period}
      -- By the columns, not by the texts that are answered under the same names.
      order by events.incarnation, events.xid, events.seq limit 1`);
    const [counted] = await tx.execute<{ events: number }>(sql`
      select count(*)::int as events from (
        select from events where ${period} limit ${limits.backtestEventsMax + 1}) as counted`);
    const events = counted?.events ?? 0;
    return {
      since:
        first === undefined
          ? null
          : { incarnation: first.incarnation, xid: first.xid, seq: Number(first.seq) - 1 },
      events: Math.min(events, limits.backtestEventsMax),
      isCut: events > limits.backtestEventsMax,
      tools: await readTools(tx, ctx),
    };
  });
}

/** The tools as they are registered now: what they were then is not kept. */
async function readTools(tx: Tx, ctx: Ctx): Promise<ReadonlyMap<string, ToolFacts>> {
  const rows = await tx
    .select({
      name: tools.name,
      effectClass: tools.effectClass,
      reversibility: tools.reversibility,
      sensitivity: tools.sensitivity,
      blastRadius: tools.blastRadius,
    })
    .from(tools)
    .where(eq(tools.tenantId, ctx.tenantId))
    .limit(limits.toolsMax);
  return new Map(rows.map(({ name, ...facts }) => [name, facts]));
}

/** Where events lie that a run has counted as the first of an alert. */
export function locateFirst(
  ctx: Ctx,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, LocatedEvent>> {
  return withRead(ctx, (tx) => locateEvents(tx, ctx, [], ids));
}

/**
 * Approved actions that were approved after their trace had been matched: what an open alert would
 * have put before the reviewer. `traces` maps a trace to its first match, milliseconds since 1970.
 */
export async function countApprovalsAfter(
  ctx: Ctx,
  traces: ReadonlyMap<string, number>,
): Promise<number> {
  if (traces.size === 0) return 0;
  const [row] = await withRead(ctx, (tx) =>
    tx.execute<{ approvals: number }>(sql`
      select count(*)::int as approvals
      from unnest(
        ${textArray([...traces.keys()])}::text[], ${plainArray([...traces.values()])}::float8[]
      ) as matched (trace_id, at_ms)
      join actions a on a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and a.trace_id = matched.trace_id::uuid
      join approvals p on p.tenant_id = a.tenant_id and p.action_id = a.id
      where p.result = 'approved' and p.resolved_at > to_timestamp(matched.at_ms / 1000)`),
  );
  return row?.approvals ?? 0;
}
