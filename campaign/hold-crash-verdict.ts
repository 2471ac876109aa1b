import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { uuidOf } from '#server/kernel/ids.ts';
import { countRows } from './crash-database.ts';

/** What was answered to the campaign's agents and people. */
export interface HoldLedger {
  readonly asked: Set<string>;
  readonly approved: Set<string>;
  /** Redemption by action. */
  readonly redeemed: Map<string, string>;
  readonly ended: Set<string>;
  readonly cancelled: Set<string>;
  readonly args: Map<string, Readonly<Record<string, unknown>>>;
  /** Answers that contradict an earlier one. */
  slipped: number;
}

/** What the database holds against what was answered; every number is a fault. */
export type HoldVerdict = Readonly<
  Record<
    | 'slipped'
    | 'askedLost'
    | 'approvedLost'
    | 'redeemedLost'
    | 'outcomesLost'
    | 'cancelledLost'
    | 'grantedCancelled'
    | 'votedTooLate'
    | 'halfHeld'
    | 'ranTwice'
    | 'ranUnapproved'
    | 'approvedWithoutVotes'
    | 'grantedUnderStop'
    | 'unaudited'
    | 'stillDraining',
    number
  >
>;

const drainPatienceMs = 30_000;

/** Of these actions, those that no row of the query names. */
async function missing(sql: Sql, ids: Iterable<string>, query: string): Promise<number> {
  const wanted = [...ids].map(uuidOf);
  const [row] = await sql.unsafe<{ n: number }[]>(
    `select count(*)::int as n from unnest($1::uuid[]) as w (id)
     where w.id not in (${query})`,
    [wanted],
  );
  return row?.n ?? -1;
}

/** Waits for drains that a killed process began: whoever lives finishes them. */
async function countDraining(sql: Sql): Promise<number> {
  const draining = () => countRows(sql, `select 1 from stops where state = 'draining'`);
  for (const deadline = Date.now() + drainPatienceMs; Date.now() < deadline; await wait(250)) {
    if ((await draining()) === 0) return 0;
  }
  return draining();
}

/** Compares what stands in the database with what was answered. */
export async function judgeHold(sql: Sql, ledger: HoldLedger): Promise<HoldVerdict> {
  const redeemed = `select action_id from permits where redeemed_at is not null`;
  return {
    slipped: ledger.slipped,
    stillDraining: await countDraining(sql),
    askedLost: await missing(sql, ledger.asked, 'select id from actions'),
    approvedLost: await missing(
      sql,
      ledger.approved,
      `select action_id from approvals where result = 'approved'`,
    ),
    redeemedLost: await missing(sql, ledger.redeemed.keys(), redeemed),
    outcomesLost: await missing(sql, ledger.ended, 'select action_id from outcomes'),
    cancelledLost: await missing(
      sql,
      ledger.cancelled,
      'select id from actions where cancelled_at is not null',
    ),
    grantedCancelled: await countRows(
      sql,
      `select 1 from actions a join permits p on p.action_id = a.id
       where a.cancelled_at is not null and p.issued_at > a.cancelled_at`,
    ),
    // Of those whose time a person cut short no stop gave any back.
    votedTooLate: await countRows(
      sql,
      `select 1 from votes v join approvals p on p.id = v.approval_id
       where v.at >= p.expires_at`,
    ),
    halfHeld: await countRows(
      sql,
      `select 1 from actions a left join approvals p on p.action_id = a.id
         left join sealed_arguments s on s.action_id = a.id
       where (a.decision = 'hold') is distinct from (p.id is not null)
         or (a.decision = 'hold' and s.action_id is null)`,
    ),
    ranTwice: await countRows(sql, `${redeemed} group by action_id having count(*) > 1`),
    ranUnapproved: await countRows(
      sql,
      `select 1 from permits m join actions a on a.id = m.action_id
         left join approvals p on p.action_id = a.id
       where a.decision = 'deny' or (a.decision = 'hold' and p.result <> 'approved')`,
    ),
    approvedWithoutVotes: await countRows(
      sql,
      `select 1 from approvals p where p.result = 'approved' and p.needs > (
         select count(distinct user_id) from votes v
         where v.approval_id = p.id and v.verdict = 'approve')`,
    ),
    grantedUnderStop: await countRows(
      sql,
      `select 1 from stops s join (
         select tenant_id, redeemed_at as at from permits
         union all select tenant_id, decided_at from actions) granted
         on granted.tenant_id = s.tenant_id and granted.at > s.acknowledged_at
         and granted.at < coalesce(s.lifted_at, 'infinity')`,
    ),
    unaudited:
      (await countUnaudited(sql, 'action.decided', 'actions')) +
      (await countUnaudited(sql, 'permit.redeemed', `(${redeemed}) r`)) +
      (await countUnaudited(sql, 'approval.voted', 'votes')) +
      (await countUnaudited(
        sql,
        'action.cancelled',
        '(select 1 from actions where cancelled_at is not null) c',
      )) +
      (await countUnaudited(sql, 'approval.edited', 'action_edits')) +
      (await countUnaudited(sql, 'stop.placed', 'stops')),
  };
}

/** By how much the rows of a change and its audit rows differ in number. */
async function countUnaudited(sql: Sql, action: string, from: string): Promise<number> {
  const rows = await countRows(sql, `select 1 from ${from}`);
  const told = await countRows(sql, `select 1 from audit_log where action = '${action}'`);
  return Math.abs(rows - told);
}
