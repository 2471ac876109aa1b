import type { Sql } from 'postgres';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { countRows } from './crash-database.ts';
import { until } from './stop-crash-crew.ts';
import type { StopFault, StopLedger } from './stop-crash-ledger.ts';

/** What stands against what was seen; every number is a fault. */
export type StopVerdict = Readonly<
  Record<
    | StopFault
    | 'stillDraining'
    | 'stopsDoubled'
    | 'stopsMisaudited'
    | 'liftsMisaudited'
    | 'resumptionsMisaudited'
    | 'grantedUnderStop'
    | 'violationsLost'
    | 'violationsDoubled'
    | 'accusedFalsely',
    number
  >
>;

const drainPatienceMs = 30_000;

/** Compares what stands in the database with what was answered, shown and done. */
export async function judgeStops(sql: Sql, ledger: StopLedger): Promise<StopVerdict> {
  const draining = () => countRows(sql, `select 1 from stops where state = 'draining'`);
  await until('no stop drains', async () => (await draining()) === 0, drainPatienceMs).catch(
    () => undefined,
  );
  const standing = await sql<{ id: string }[]>`select id from stops`;
  const known = new Set([...ledger.stopIds].map(uuidOf));
  const { lost, doubled } = await judgeViolations(sql, ledger.violators);
  return {
    ...ledger.faults,
    stillDraining: await draining(),
    stopsDoubled: Math.abs(standing.length - known.size),
    ...(await judgeAudit(sql)),
    grantedUnderStop: await countGranted(sql, ledger.acknowledged),
    violationsLost: lost,
    violationsDoubled: doubled,
    accusedFalsely: await countAccused(sql, ledger.faithful),
  };
}

const alertsOf = (sql: Sql, slugs: ReadonlySet<string>) => sql<{ slug: string; n: number }[]>`
  select w.slug, (select count(*)::int from alerts a join rules r on r.id = a.rule_id
      join agents g on g.id = a.agent_id
    where r.slug = 'stop-violated' and a.state <> 'resolved' and g.slug = w.slug) as n
  from unnest(${[...slugs]}::text[]) as w (slug)`;

async function judgeViolations(sql: Sql, violators: ReadonlySet<string>) {
  const rows = await alertsOf(sql, violators);
  return {
    lost: rows.filter(({ n }) => n === 0).length,
    doubled: rows.filter(({ n }) => n > 1).length,
  };
}

async function countAccused(sql: Sql, faithful: ReadonlySet<string>): Promise<number> {
  return (await alertsOf(sql, faithful)).filter(({ n }) => n > 0).length;
}

interface Told {
  readonly id: string;
  readonly state: string;
  /** Votes for the lift, and for one that goes first; how many went first, and how many times it held again. */
  readonly lifts: number;
  readonly resumes: number;
  readonly resumed: number;
  readonly held: number;
}

const toldOf = (sql: Sql) => sql<Told[]>`
  select s.id, s.state,
    (select count(*)::int from stop_lifts l where l.stop_id = s.id and l.agent_id is null) as lifts,
    (select count(*)::int from stop_lifts l where l.stop_id = s.id and l.agent_id is not null) as resumes,
    (select count(*)::int from stop_resumptions r where r.stop_id = s.id) as resumed,
    (select count(distinct r.ended_at)::int from stop_resumptions r where r.stop_id = s.id) as held
  from stops s`;

interface LogRow {
  readonly subject_id: string;
  readonly action: string;
  readonly is_holding: boolean;
}

const logOf = (sql: Sql) => sql<LogRow[]>`
  select subject_id, action,
    action = 'stop.held_again' or coalesce(detail ? 'heldAgain', false) as is_holding
  from audit_log where action like 'stop.%'`;

/** Stops, lifts and resumptions that do not stand in the audit log just as often as they were. */
async function judgeAudit(sql: Sql) {
  const [rows, log] = [await toldOf(sql), await logOf(sql)];
  const byStop = Map.groupBy(log, (row) => row.subject_id);
  const wrong = { stopsMisaudited: 0, liftsMisaudited: 0, resumptionsMisaudited: 0 };
  for (const stop of rows) {
    const mine = byStop.get(idOf('stop', stop.id)) ?? [];
    const times = (...actions: string[]) =>
      mine.filter(({ action }) => actions.includes(action)).length;
    const isLifted = stop.state === 'lifted' ? 1 : 0;
    const isPlaced = times('stop.placed') === 1 && times('stop.acknowledged') === 1 + stop.held;
    const isLiftTold =
      times('stop.lifted') === isLifted &&
      times('stop.lifted', 'stop.lift_requested') === stop.lifts;
    const isResumeTold =
      times('stop.resumed') === stop.resumed &&
      times('stop.resumed', 'stop.resume_requested') === stop.resumes &&
      mine.filter((row) => row.is_holding).length === stop.held;
    wrong.stopsMisaudited += isPlaced ? 0 : 1;
    wrong.liftsMisaudited += isLiftTold ? 0 : 1;
    wrong.resumptionsMisaudited += isResumeTold ? 0 : 1;
  }
  return wrong;
}

/**
 * Decisions, redeems and leases of a covered agent between the acknowledgement of its stop and the lift; not
 * those of one that went first, until its being held again was acknowledged.
 */
async function countGranted(sql: Sql, acknowledged: ReadonlyMap<string, string>): Promise<number> {
  const ids = [...acknowledged.keys()].map(uuidOf);
  const [row] = await sql<{ n: number }[]>`
    with granted as (
      select agent_id, decided_at as at from actions where decision <> 'deny'
      union all select agent_id, redeemed_at from permits where redeemed_at is not null
      union all select agent_id, issued_at from leases)
    select count(*)::int as n
    from unnest(${ids}::uuid[], ${[...acknowledged.values()]}::timestamptz[]) as w (id, at)
      join stops s on s.id = w.id
      join agents a on s.scope_kind = 'tenant' or (s.scope_kind = 'environment' and a.environment = s.scope_id)
      join granted g on g.agent_id = a.id
    where g.at > w.at and g.at < coalesce(s.lifted_at, 'infinity')
      and not exists (select 1 from stop_resumptions r where r.stop_id = s.id and r.agent_id = a.id
        and g.at >= r.at and (r.ended_at is null or g.at <= s.acknowledged_at))`;
  return row?.n ?? -1;
}
