import type { Sql } from 'postgres';
import { idOf } from '#server/kernel/ids.ts';
import type { HoldLedger } from './hold-round.ts';

/** What the stored history breaks, by invariant (SECURITY.md); every number is a fault. */
export interface HoldVerdict {
  /** Redeemed without being exact, granted, unexpired and its own (I4). */
  readonly redeemedWithoutRight: number;
  /** Redeemed more than once, or answered as redeemed without being so (I5). */
  readonly redeemedTwice: number;
  /** Approved by too few, by the owner, against a veto, or after the time (I6). */
  readonly approvedWithoutQuorum: number;
  /** Granted or redeemed under an acknowledged stop, or on a permit that a stop had ended (I7). */
  readonly grantedUnderStop: number;
  /** Changes without their audit row, or rows without their change (I8). */
  readonly unaudited: number;
}

async function number(sql: Sql, query: string): Promise<number> {
  const [row] = await sql.unsafe<{ n: number }[]>(`select count(*)::int as n from (${query}) q`);
  return row?.n ?? -1;
}

/**
 * Judges everything that a campaign left in the tables, as the superuser.
 * @param struck rounds whose process was killed: their answers are unknown, what they stored is not
 */
export async function judgeHold(
  sql: Sql,
  ledger: HoldLedger,
  struck: number,
): Promise<HoldVerdict> {
  return {
    redeemedWithoutRight: await number(sql, wrongRedeems),
    redeemedTwice: await countTwice(sql, ledger, struck),
    approvedWithoutQuorum: (await number(sql, wrongApprovals)) + (await number(sql, lateVotes)),
    grantedUnderStop: (await number(sql, underStop)) + (await number(sql, leasedUnderStop)),
    unaudited: await number(sql, unaudited),
  };
}

const wrongRedeems = `
  select p.id from permits p
  left join actions a on a.tenant_id = p.tenant_id and a.id = p.action_id
  left join approvals ap on ap.tenant_id = a.tenant_id and ap.action_id = a.id
  where p.redeemed_at is not null and not coalesce(
    a.agent_id = p.agent_id and a.digest = p.digest and a.tool = p.tool
    and a.cancelled_at is null and a.superseded_by is null
    and (a.decision = 'allow' or (a.decision = 'hold' and ap.result = 'approved'
      and ap.resolved_at <= p.redeemed_at))
    -- The row was alive when the update found it; the time is written a moment later.
    and p.redeemed_at < p.expires_at + interval '20 milliseconds', false)`;

const lostAnswers = ({ counts }: HoldLedger) => counts.get('refused store_unavailable') ?? 0;

async function countTwice(sql: Sql, ledger: HoldLedger, struck: number): Promise<number> {
  const twice = await number(
    sql,
    `select action_id from permits where redeemed_at is not null
     group by tenant_id, action_id having count(*) > 1`,
  );
  const rows = await sql<{ id: string }[]>`
    select redemption_id as id from permits where redeemed_at is not null`;
  const stored = new Set(rows.map(({ id }) => idOf('redemption', id)));
  const told = new Set(ledger.redeemed);
  const invented = [...told].filter((id) => !stored.has(id)).length;
  // A connection that broke at its commit, or a caller that was killed, leaves none who was answered.
  const unheard = lostAnswers(ledger) + struck;
  const unanswered = Math.max(0, stored.size - told.size - unheard);
  return twice + invented + (ledger.redeemed.length - told.size) + unanswered;
}

const wrongApprovals = `
  select ap.id from approvals ap
  join actions a on a.tenant_id = ap.tenant_id and a.id = ap.action_id
  join agents ag on ag.tenant_id = a.tenant_id and ag.id = a.agent_id
  where ap.result = 'approved' and (
    (select count(distinct lower(v.email)) from votes v where v.tenant_id = ap.tenant_id
      and v.approval_id = ap.id and v.verdict = 'approve' and v.digest = a.digest
      and v.user_id is distinct from ag.owner_user_id) < ap.needs
    or exists (select 1 from votes v where v.tenant_id = ap.tenant_id and v.approval_id = ap.id
      and (v.verdict = 'deny' or v.user_id = ag.owner_user_id or (v.digest <> a.digest
        and not exists (select 1 from action_edits e where e.tenant_id = a.tenant_id
          and e.action_id = a.id and e.digest_before = v.digest and e.at >= v.at)))))`;

/** A vote after the deadline, whatever time stops have given back. */
const lateVotes = `
  select v.approval_id from votes v
  join approvals ap on ap.tenant_id = v.tenant_id and ap.id = v.approval_id
  join actions a on a.tenant_id = ap.tenant_id and a.id = ap.action_id
  where v.at > ap.expires_at and v.at > ap.expires_at + coalesce((
    select sum(least(c.ended_at, v.at) - greatest(c.begun_at, a.decided_at))
    from campaign_periods c where c.agent_id = a.agent_id
      and c.begun_at < v.at and coalesce(c.ended_at, v.at) > a.decided_at), interval '0')`;

/**
 * Times of redeems are read behind the gate, grants are told by the epoch that they carry, and both
 * by when they were committed. What was granted before a stop is dead for good, also for an agent that
 * goes first.
 */
const underStop = `
  select p.id from permits p
  join campaign_periods c on c.agent_id = p.agent_id
  where (p.redeemed_at > c.acknowledged_at
      and (c.ended_at is null or p.redeemed_at < c.ended_at))
    or (p.redeemed_at > c.acknowledged_at and p.epoch < c.epoch)
    or (p.epoch >= c.epoch and (c.end_epoch is null or p.epoch < c.end_epoch))
    or exists (select 1 from campaign_commits m where m.id = p.id
      and m.at > c.acknowledged_at and (c.ended_at is null or m.at < c.ended_at))`;

/**
 * A lease that was taken after an acknowledgement and before the lift, or that was called alive to somebody
 * who asked then; one from before the stop is dead for good.
 */
const leasedUnderStop = `
  select l.id from leases l
  join campaign_periods c on c.agent_id = l.agent_id
  where (l.epoch >= c.epoch and (c.end_epoch is null or l.epoch < c.end_epoch))
    or exists (select 1 from campaign_commits m where m.id = l.id
      and m.at > c.acknowledged_at and (c.ended_at is null or m.at < c.ended_at))
    or exists (select 1 from campaign_introspections i where i.lease_id = l.id and i.is_active
      and i.asked_at > c.acknowledged_at
      and (l.epoch < c.epoch or c.ended_at is null or i.asked_at < c.ended_at))`;

const unaudited = `
  select 1 from (values
    ('permit.redeemed', (select count(*) from permits where redeemed_at is not null)),
    ('approval.voted', (select count(*) from votes)),
    ('approval.approved', (select count(*) from approvals where result = 'approved')),
    ('approval.denied', (select count(*) from approvals where result = 'denied')),
    ('approval.edited', (select count(*) from action_edits)),
    ('approval.requested', (select count(*) from approvals)),
    ('lease.issued', (select count(*) from leases)),
    ('action.decided', (select count(*) from actions)),
    ('stop.placed', (select count(*) from stops)),
    ('stop.acknowledged', (select count(distinct (stop_id, acknowledged_at)) from campaign_spans
      where acknowledged_at is not null)),
    ('stop.resumed', (select count(*) from stop_resumptions)),
    ('stop.lifted', (select count(*) from stops where state = 'lifted')),
    ('action.cancelled', (select count(*) from actions where cancelled_at is not null))
  ) as w (action, stored)
  where w.stored <> (select count(*) from audit_log l where l.action = w.action)
  union all
  -- By somebody's word, or by a second press of the stop.
  select 1 where (select count(*) from stop_resumptions where ended_at is not null) <>
    (select coalesce(sum(jsonb_array_length(coalesce(
        case when action = 'stop.held_again' then detail->'agents' else detail->'heldAgain' end,
        '[]'))), 0)
      from audit_log where action in ('stop.held_again', 'stop.repeated', 'stop.raised'))`;
