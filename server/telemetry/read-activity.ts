import { sql } from 'drizzle-orm';
import type { z } from 'zod';
import { instantFromDriver } from '#db/columns.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventKind } from './contract.ts';
import { agentIdOf } from './tail-event.ts';
import type { Activity, Counts, countsInputSchema, StreamState } from './traces/contract.ts';

/** The readers of the log whose lag is told; each keeps a cursor of its own. */
const readers = ['assembler', 'detector', 'indexer'] as const;

/**
 * Events per step and kind out of the minute counts. @throws AppError `forbidden`; `bad_request` for
 * more than `limits.countStepsMax` steps.
 */
export async function readCounts(
  ctx: Ctx,
  input: z.infer<typeof countsInputSchema>,
): Promise<Counts['items']> {
  requirePermission(ctx, 'telemetry.read');
  const steps = (Date.parse(input.until) - Date.parse(input.from)) / (input.stepMinutes * 60_000);
  if (steps > limits.countStepsMax) {
    throw new AppError('bad_request', 'The range has too many steps; choose a longer step.');
  }
  const rows = await withRead(ctx, (tx) =>
    tx.execute<Counts['items'][number] & { kind: EventKind }>(sql`
      select date_bin(make_interval(mins => ${input.stepMinutes}), minute, '2000-01-01Z')::text as at,
        kind, sum(events)::float8 as events, sum(errors)::float8 as errors,
        sum(bytes)::float8 as bytes
      from event_counts
      where tenant_id = ${uuidOf(ctx.tenantId)}
        and minute >= ${input.from}::timestamptz and minute < ${input.until}::timestamptz
      group by 1, 2
      order by 1, 2`),
  );
  return rows.map((row) => ({ ...row, at: instantFromDriver(row.at) }));
}

interface StateRow {
  readonly [column: string]: unknown;
  readonly at: string;
  readonly events: number;
  readonly errors: number;
  readonly lastReceivedAt: string | null;
}

interface LagRow {
  readonly [column: string]: unknown;
  readonly reader: string;
  readonly events: number;
  readonly seconds: number;
}

/** Rate and lag of the stream, by the database's clock. @throws AppError `forbidden`. */
export async function readStreamState(ctx: Ctx): Promise<StreamState> {
  requirePermission(ctx, 'telemetry.read');
  const tenant = uuidOf(ctx.tenantId);
  return withRead(ctx, async (tx) => {
    const [state] = await tx.execute<StateRow>(sql`
      select now()::text as at, coalesce(sum(events), 0)::float8 as events,
        coalesce(sum(errors), 0)::float8 as errors,
        (select last_received_at::text from traces where tenant_id = ${tenant}
          order by last_received_at desc nulls last, id limit 1) as "lastReceivedAt"
      from event_counts
      where tenant_id = ${tenant}
        and minute = date_trunc('minute', now()) - interval '1 minute'`);
    // A reader that never read stands before millions: the cut has to come before any sorting.
    await tx.execute(sql`select set_config('enable_sort', 'off', true),
      set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)`);
    const lags = await tx.execute<LagRow>(sql`
      with reading as materialized (
        -- Apart, because a coalesce inside the comparison is not leakproof: under row-level security
        -- the index would be walked from the first event on.
        select r.reader, coalesce(c.incarnation, 0::smallint) as incarnation,
          coalesce(c.xid, '0'::xid8) as xid, coalesce(c.seq, 0) as seq
        from unnest(${`{${readers.join(',')}}`}::text[]) as r(reader)
        left join tail_cursors c on c.tenant_id = ${tenant} and c.consumer = r.reader
      )
      select r.reader, behind.events, behind.seconds
      from reading r
      cross join lateral (
        select count(*)::int as events,
          coalesce(greatest(extract(epoch from now() - min(unread.received_at)), 0), 0)::float8
            as seconds
        from (
          select e.received_at from events e
          where e.tenant_id = ${tenant}
            and (e.incarnation, e.xid, e.seq) > (r.incarnation, r.xid, r.seq)
          order by e.incarnation, e.xid, e.seq
          limit ${limits.lagEventsMax}
        ) unread
      ) behind
      order by r.reader`);
    if (!state) throw new Error('an aggregate answered no row');
    return {
      at: instantFromDriver(state.at),
      eventsPerSecond: state.events / 60,
      errorsPerSecond: state.errors / 60,
      lastReceivedAt:
        state.lastReceivedAt === null ? null : instantFromDriver(state.lastReceivedAt),
      readers: [...lags],
    };
  });
}

/**
 * Events and errors of each agent received since an instant, and its open alerts.
 * @throws AppError `forbidden`.
 */
export async function readActivity(ctx: Ctx, from: string): Promise<Activity['items']> {
  requirePermission(ctx, 'telemetry.read');
  const tenant = uuidOf(ctx.tenantId);
  const rows = await withRead(ctx, (tx) =>
    tx.execute<Activity['items'][number]>(sql`
      with done as (
        select agent_id, sum(events)::float8 as events, sum(errors)::float8 as errors
        from event_counts
        where tenant_id = ${tenant} and minute >= ${from}::timestamptz
        group by agent_id
      ), alerted as (
        select agent_id, count(*)::float8 as alerts from alerts
        where tenant_id = ${tenant} and state <> 'resolved' and agent_id is not null
        group by agent_id
      )
      select agent_id::text as "agentId", coalesce(events, 0) as events,
        coalesce(errors, 0) as errors, coalesce(alerts, 0) as "openAlerts"
      from done full join alerted using (agent_id)`),
  );
  return rows.map((row) => ({ ...row, agentId: agentIdOf(row.agentId) }));
}
