import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { InstanceCapability, StopReceiptState } from '#db/enums.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { resumableKinds, type Stop } from '#server/gate/contract.ts';
import { listChecks, listLifts, readStop } from '#server/gate/queries.ts';
import { liftsNeeded } from '#server/gate/tally-lifts.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { coveredAgents } from '#server/gate/covered-agents.ts';
import { type LadderRow, type LadderStep, ladderSteps, type StopDetail } from './contract.ts';
import type { CutFacts } from './cut-proof.ts';
import { type InstanceFacts, ladderStep } from './ladder-step.ts';
import { readCutAt, readCuts } from './read-cuts.ts';
import { readResuming } from './read-resuming.ts';

interface Row extends Record<string, unknown> {
  readonly agent_id: string;
  readonly slug: string;
  readonly instance_id: string | null;
  readonly state: StopReceiptState | null;
  readonly in_flight: number | null;
  readonly delivered_at: string | null;
  readonly acknowledged_at: string | null;
  readonly delivered_ms: number | null;
  readonly acknowledged_ms: number | null;
  readonly capabilities: InstanceCapability[] | null;
  readonly beat_in_flight: number | null;
  readonly reached_ms: number | null;
  readonly last_seen_at: string | null;
  readonly last_seen_ms: number | null;
  readonly last_started_ms: number | null;
  readonly interval_ms: number | null;
  readonly open_calls: number;
  readonly owing: number;
  /** Since when the stop covers the agent: it was placed, or the agent that had gone first is held again. */
  readonly held_ms: number;
}

/** How far a stop has come at each instance, as counts and rows. */
export interface Ladder {
  readonly rows: LadderRow[];
  readonly more: number;
  readonly counts: Record<LadderStep, number>;
}

/**
 * One stop with its ladder: a row for each instance heard of within a day before it, and one for each
 * agent of which no more than a key was, in the order of what still needs a look. @throws AppError `forbidden`, `not_found`
 */
export async function readStopDetail(ctx: Ctx, id: string): Promise<StopDetail> {
  requirePermission(ctx, 'stops.read');
  const stop = await readStop(ctx, id);
  const [lifts, checks, resuming, { ladder, at }] = await Promise.all([
    listLifts(ctx, id),
    listChecks(ctx, id),
    resumableKinds.has(stop.scope.kind) ? readResuming(ctx, id) : null,
    readLadder(ctx, stop),
  ]);
  return {
    ...stop,
    ladder: ladder.rows,
    more: ladder.more,
    counts: ladder.counts,
    lifts,
    liftsNeeded: liftsNeeded(stop.scope.kind),
    checks,
    resuming,
    at,
  };
}

/** The ladder of a stop, read in one snapshot. @throws AppError `forbidden` */
export async function readLadder(ctx: Ctx, stop: Stop): Promise<{ ladder: Ladder; at: string }> {
  requirePermission(ctx, 'stops.read');
  return withRead(ctx, async (tx) => {
    const [now] = await tx.execute<{
      at: string;
      ms: number;
      complete: boolean;
      listening_from: number | null;
      listening_until: number | null;
    }>(sql`
      select clock_timestamp()::text as at,
        (extract(epoch from clock_timestamp()) * 1000)::float8 as ms,
        -- By the youngest of several: whom one that is new took over was unheard before.
        (select (extract(epoch from max(started_at)) * 1000)::float8 from processes
          where role = 'web') as listening_from,
        (select (extract(epoch from max(last_seen_at)) * 1000)::float8 from processes
          where role = 'web') as listening_until,
        not coalesce((select received_at > ${stop.placedAt}::timestamptz from events
          where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
          order by incarnation desc, xid desc, seq desc
          offset ${limits.ladderEventsMax} limit 1), false) as complete`);
    if (!now) throw new Error('the database told no time');
    const rows = await selectInstances(tx, ctx, stop);
    const cuts = await readInstanceCuts(tx, ctx, stop, rows);
    const { listening_from: fromMs, listening_until: untilMs } = now;
    const listening = fromMs === null || untilMs === null ? null : { fromMs, untilMs };
    const judged = rows.map((row) => {
      const cut = cuts.get(idOf('agent', row.agent_id)) ?? null;
      return judge(row, now.ms, { isComplete: now.complete, listening, cut });
    });
    return { ladder: ladderOf(judged), at: instantFromDriver(now.at) };
  });
}

/** Only a stop that cuts credentials has them looked at: every page asks for the others' ladders. */
async function readInstanceCuts(
  tx: Tx,
  ctx: Ctx,
  stop: Stop,
  rows: readonly Row[],
): Promise<ReadonlyMap<string, CutFacts>> {
  if (stop.level < limits.cutLevel) return new Map();
  const agentIds = [...new Set(rows.map((row) => idOf('agent', row.agent_id)))];
  const cutAt = await readCutAt(tx, ctx, stop.id);
  return (await readCuts(tx, ctx, { scope: stop.scope, cutAt }, agentIds)).byAgent;
}

/** Who was heard of within a day before the stop: instances (`heard`), and keys of agents (`asking`). */
function heardOf(ctx: Ctx, stop: Stop) {
  const tenant = sql`${uuidOf(ctx.tenantId)}::uuid`;
  const since = sql`${stop.placedAt}::timestamptz - make_interval(secs => ${limits.instanceMemoryMs / 1000})`;
  return sql`heard as materialized (
      select agent_id, instance_id from agent_instances
        where tenant_id = ${tenant} and last_seen_at > ${since}
      union select agent_id, instance_id from instance_beats
        where tenant_id = ${tenant} and greatest(beat_at, stream_seen_at) > ${since}
      union select agent_id, instance_id from stop_receipts
        where tenant_id = ${tenant} and stop_id = ${uuidOf(stop.id)}::uuid),
    -- At work, if only by asking: what its key was used for came from an instance that named itself nowhere.
    asking as materialized (
      select agent_id, max(last_used_at) as last_used_at from api_keys
      where tenant_id = ${tenant} and kind = 'agent' and last_used_at > ${since}
      group by agent_id)`;
}

async function selectInstances(tx: Tx, ctx: Ctx, stop: Stop): Promise<readonly Row[]> {
  const tenant = sql`${uuidOf(ctx.tenantId)}::uuid`;
  const placedAt = sql`${stop.placedAt}::timestamptz`;
  const ms = (column: ReturnType<typeof sql>) =>
    sql`(extract(epoch from ${column}) * 1000)::float8`;
  return tx.execute<Row>(sql`
    with ${heardOf(ctx, stop)},
    newest as (
      -- Cut before it is filtered: a filter under the limit walks the whole log when little matches.
      select * from (
        select agent_id, coalesce(instance_id, '-') as instance_id, phase, call_id, started_at, received_at
        from events where tenant_id = ${tenant}
        order by incarnation desc, xid desc, seq desc limit ${limits.ladderEventsMax}) last
      where received_at > ${placedAt} - interval '10 minutes'),
    starts as materialized (select distinct agent_id, call_id from newest where phase = 'start'),
    -- Once for all: folded into the joins below it was done again for every instance.
    work as materialized (
      select n.agent_id, n.instance_id,
        -- What begins after the lift says nothing of the stop.
        max(n.started_at) filter (where n.received_at > ${placedAt}
          and n.started_at < coalesce(${stop.liftedAt}::timestamptz, 'infinity')) as last_started,
        case when count(distinct n.received_at) > 1 then
          extract(epoch from max(n.received_at) - min(n.received_at)) * 1000 / (count(distinct n.received_at) - 1) end as interval_ms,
        (count(distinct n.call_id) filter (where n.phase = 'start')
          - count(distinct n.call_id) filter (where n.phase = 'end' and s.call_id is not null))::int as open_calls
      from newest n left join starts s
        on n.phase = 'end' and s.agent_id = n.agent_id and s.call_id = n.call_id
      group by n.agent_id, n.instance_id),
    owing as materialized (
      select p.agent_id, count(*)::int as owing from permits p
        left join outcomes o on o.tenant_id = p.tenant_id and o.action_id = p.action_id
      where p.tenant_id = ${tenant} and p.redeemed_at is not null and o.action_id is null
        and p.redeemed_at > ${placedAt} - interval '1 day'
      group by p.agent_id)
    select a.id as agent_id, a.slug, h.instance_id, r.state, r.in_flight,
      r.delivered_at::text, r.acknowledged_at::text,
      ${ms(sql`r.delivered_at`)} as delivered_ms, ${ms(sql`r.acknowledged_at`)} as acknowledged_ms,
      b.capabilities, coalesce(array_length(b.in_flight, 1), 0) as beat_in_flight,
      -- By its own word where it gives one: a stream may stay open on our side for minutes after its line was cut.
      ${ms(sql`case when b.beat_at is null then b.stream_seen_at
        else greatest(b.beat_at, r.acknowledged_at) end`)} as reached_ms,
      greatest(i.last_seen_at, b.beat_at, b.stream_seen_at,
        case when h.instance_id is null then k.last_used_at end)::text as last_seen_at,
      ${ms(sql`i.last_seen_at`)} as last_seen_ms,
      -- What began lately, before it is folded; and what is too long ago to be looked for in the log.
      ${ms(sql`greatest(w.last_started, case when ${stop.state !== 'lifted'} then i.last_started_at end)`)} as last_started_ms,
      w.interval_ms::float8 as interval_ms, greatest(coalesce(w.open_calls, 0), 0) as open_calls,
      coalesce(o.owing, 0) as owing,
      ${ms(sql`greatest(${placedAt}, (select max(x.ended_at) from stop_resumptions x
        where x.tenant_id = a.tenant_id and x.agent_id = a.id and x.stop_id = ${uuidOf(stop.id)}::uuid))`)} as held_ms
    from agents a
      left join heard h on h.agent_id = a.id
      left join stop_receipts r on r.tenant_id = a.tenant_id and r.stop_id = ${uuidOf(stop.id)}::uuid
        and r.agent_id = a.id and r.instance_id = h.instance_id
      left join instance_beats b on b.tenant_id = a.tenant_id and b.agent_id = a.id and b.instance_id = h.instance_id
      left join agent_instances i on i.tenant_id = a.tenant_id and i.agent_id = a.id and i.instance_id = h.instance_id
      left join work w on w.agent_id = a.id and w.instance_id = h.instance_id
      left join owing o on o.agent_id = a.id
      left join asking k on k.agent_id = a.id
    where a.tenant_id = ${tenant} and ${coveredAgents(stop)}
      and not exists (select 1 from stop_resumptions r where r.tenant_id = a.tenant_id
        and r.agent_id = a.id and r.stop_id = ${uuidOf(stop.id)}::uuid and r.ended_at is null)
      and (h.instance_id is not null or k.agent_id is not null
        or ${stop.scope.kind === 'agent' || stop.scope.kind === 'tree'})
    order by a.slug, h.instance_id limit ${limits.ladderInstancesMax}`);
}

/** What is known of an instance beside its own row. */
type Beside = Pick<InstanceFacts, 'isComplete' | 'listening' | 'cut'>;

function judge(row: Row, nowMs: number, beside: Beside): LadderRow {
  const shown = {
    agentId: idOf('agent', row.agent_id),
    agent: row.slug,
    instanceId: row.instance_id ?? '-',
    inFlight: row.in_flight,
    deliveredAt: row.delivered_at === null ? null : instantFromDriver(row.delivered_at),
    acknowledgedAt: row.acknowledged_at === null ? null : instantFromDriver(row.acknowledged_at),
    lastSeenAt: row.last_seen_at === null ? null : instantFromDriver(row.last_seen_at),
  };
  if (row.instance_id === null) {
    const used = shown.lastSeenAt === null ? '' : ' Its key was used; what used it is not known.';
    const evidence = `No instance of this agent was heard of.${used}`;
    return { ...shown, step: 'unconfirmed', evidence };
  }
  return { ...shown, ...ladderStep(factsOf(row, beside), row.held_ms, nowMs) };
}

function factsOf(row: Row, beside: Beside): InstanceFacts {
  return {
    // One without either time was taken back, when the agent was held again.
    receipt:
      row.state === null || (row.delivered_ms === null && row.acknowledged_ms === null)
        ? null
        : {
            state: row.state,
            inFlight: row.in_flight,
            deliveredAtMs: row.delivered_ms,
            acknowledgedAtMs: row.acknowledged_ms,
          },
    capabilities: row.capabilities ?? [],
    reachedAtMs: row.reached_ms,
    lastStartedAtMs: row.last_started_ms,
    lastSeenAtMs: row.last_seen_ms,
    exportIntervalMs: row.interval_ms,
    openCalls: Math.max(row.open_calls, row.beat_in_flight ?? 0),
    owing: row.owing,
    ...beside,
  };
}

/** What needs a look first: everything that is not proven quiet or cut, the least known on top. */
const order: readonly LadderStep[] = [
  'unreachable',
  'refused',
  'not_capable',
  'unconfirmed',
  'requested',
  'delivered',
  'acknowledged',
  'quiet',
  'cut',
];

function ladderOf(rows: readonly LadderRow[]): Ladder {
  const counts = Object.fromEntries(ladderSteps.map((step) => [step, 0])) as Record<
    LadderStep,
    number
  >;
  for (const row of rows) counts[row.step] += 1;
  const sorted = rows.toSorted((a, b) => order.indexOf(a.step) - order.indexOf(b.step));
  const listed = sorted.slice(0, limits.ladderRowsMax);
  return { rows: listed, more: rows.length - listed.length, counts };
}
