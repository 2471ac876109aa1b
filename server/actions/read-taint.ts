import type { Tx } from '#db/client.ts';
import { hotQuery } from '#db/hot-query.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import type { Ask } from './contract.ts';

interface Row {
  /** The database's today is among the days that were looked at. */
  readonly is_today_seen: boolean;
  readonly is_trace_known: boolean;
  readonly is_trace_untrusted: boolean;
  readonly is_session_known: boolean;
  readonly is_session_untrusted: boolean;
  readonly is_derived_untrusted: boolean;
}

/**
 * The log's newest events are asked beside the assembler's rows, which lag behind it: what was read a
 * moment ago taints as well. Older ones stand in the assembler's row. The days are part of the text, so
 * that a plan that is kept names three partitions: with days computed by the database each execution
 * locked and opened all of them, which cost more than the whole rest of a decision.
 */
export const taintText = (days: string): string => `select
  current_date in (${days}) as is_today_seen,
  (exists (select 1 from traces tr where tr.tenant_id = $1::uuid and tr.id = $4::uuid
      and tr.agent_ids @> $5::jsonb)
    or exists (select 1 from events e where e.tenant_id = $1::uuid and e.trace_id = $4::uuid
      and e.agent_id = $2::uuid and e.received_on in (${days}))) as is_trace_known,
  (exists (select 1 from traces tr where tr.tenant_id = $1::uuid and tr.id = $4::uuid
      and tr.has_untrusted)
    or exists (select 1 from events e where e.tenant_id = $1::uuid and e.trace_id = $4::uuid
      and e.trust = 'untrusted' and e.received_on in (${days}))) as is_trace_untrusted,
  exists (select 1 from traces tr where tr.tenant_id = $1::uuid and tr.session_id = $3::text
    and tr.agent_ids @> $5::jsonb) as is_session_known,
  exists (select 1 from traces tr where tr.tenant_id = $1::uuid and tr.session_id = $3::text
    and tr.has_untrusted) as is_session_untrusted,
  exists (select 1 from event_ids i join events e on e.tenant_id = i.tenant_id
      and e.incarnation = i.incarnation and e.xid = i.xid and e.seq = i.seq
      and e.received_on = i.received_on
    where i.tenant_id = $1::uuid and i.id = any($6::text[]) and e.trust <> 'trusted')
    as is_derived_untrusted`;

const dayMs = 86_400_000;

/**
 * Yesterday, today and tomorrow by this machine's clock, which may stand on the other side of midnight
 * than the database's. A clock that is further off sees nothing, and what it did not see is not clean.
 */
export const recentDays = (): string =>
  [-1, 0, 1]
    .map((offset) => `date '${new Date(Date.now() + offset * dayMs).toISOString().slice(0, 10)}'`)
    .join(', ');

/**
 * Whether untrusted content stands upstream of an ask: untrusted as soon as anything says so, clean
 * only when the trace (or the session) is known to be this agent's and its newest events were seen,
 * else null, which counts as untrusted. An ask that names neither trace, session nor events is not
 * looked up.
 */
export async function readTaint(
  tx: Tx,
  ctx: Ctx,
  agentId: string,
  ask: Ask,
): Promise<boolean | null> {
  if (!ask.traceId && !ask.sessionId && ask.derivedFrom.length === 0) return null;
  const [row] = await hotQuery<Row>(tx, taintText(recentDays()), [
    uuidOf(ctx.tenantId),
    uuidOf(agentId),
    ask.sessionId ?? null,
    ask.traceId ?? null,
    JSON.stringify([agentId]),
    ask.derivedFrom,
  ]);
  if (!row) throw new Error('the database told nothing of the trace');
  if (row.is_trace_untrusted || row.is_session_untrusted || row.is_derived_untrusted) return true;
  const isKnown = ask.traceId ? row.is_trace_known : row.is_session_known;
  return isKnown && row.is_today_seen ? false : null;
}
