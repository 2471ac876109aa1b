import type { Sql } from 'postgres';
import { limits } from '#server/kernel/limits.ts';
import { countRows } from './crash-database.ts';
import type { LoadLedger } from './crash-load.ts';

/** The rules that an alarming trace must set off, once each: two of one event, one of two. */
const expectedRules = ['injected-instructions', 'injection-then-effect', 'secret-sent-out'];
const settleMs = 120_000;
const settlePollMs = 1_000;

/** What the database really holds against what was promised; every number but the first is a fault. */
export interface Verdict {
  readonly stored: number;
  readonly lost: number;
  readonly storedTwice: number;
  /** Ids, events and bodies that do not stand in threes. */
  readonly halfStored: number;
  readonly alertsLost: number;
  readonly alertsDoubled: number;
  /** Alerts of events whose evidence counts one twice; it is kept up to `limits.alertEvidenceMax`. */
  readonly evidenceDoubled: number;
  /** Traces whose derived number of events is not that of their events. */
  readonly tracesMiscounted: number;
}

/**
 * Waits until all readers of the log have read everything. They may be far behind where the worker was killed
 * again and again, so they have as long as they get on. @throws Error when they stand still.
 */
async function settle(sql: Sql): Promise<void> {
  let read = '';
  for (let deadline = Date.now() + settleMs; ;) {
    const [row] = await sql<{ behind: number; read: string }[]>`
      select count(*)::int as behind,
        (select string_agg(xid::text || ' ' || seq::text, ',' order by consumer, tenant_id)
          from tail_cursors) as read
      from (values ('assembler'), ('detector')) w (consumer)
      where exists (
        select 1 from events e left join tail_cursors c
          on c.tenant_id = e.tenant_id and c.consumer = w.consumer
        where c.xid is null or (e.incarnation, e.xid, e.seq) > (c.incarnation, c.xid, c.seq))`;
    if (row?.behind === 0) return;
    if (row?.read !== read) {
      read = row?.read ?? '';
      deadline = Date.now() + settleMs;
    }
    if (Date.now() > deadline) throw new Error('the readers of the log stand still');
    // What it asks walks over the whole log: asked more often it takes the readers' processor.
    await new Promise((resolve) => setTimeout(resolve, settlePollMs));
  }
}

async function countMissing(sql: Sql, ids: readonly string[]): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from unnest(${[...ids]}::text[]) as promised (id)
    where not exists (select 1 from events e where e.event_id = promised.id)`;
  return row?.n ?? -1;
}

/** For each rule: traces without their alert, and traces with more than one. */
async function judgeAlerts(sql: Sql, traces: readonly string[]) {
  const rows = await sql<{ slug: string; lost: number; doubled: number }[]>`
    with found as (
      select r.slug, trace.id, count(distinct a.id) as n
      from alerts a join rules r on r.id = a.rule_id, unnest(a.trace_ids) as trace (id)
      where r.slug = any (${expectedRules}::text[]) group by r.slug, trace.id)
    select promised.slug, count(*) filter (where found.n is null)::int as lost,
      count(*) filter (where found.n > 1)::int as doubled
    from (select t.id, r.slug from unnest(${[...traces]}::text[]) as t (id),
      unnest(${expectedRules}::text[]) as r (slug)) promised
    left join found on found.slug = promised.slug and found.id = promised.id
    group by promised.slug`;
  for (const { slug, lost, doubled } of rows) {
    if (lost + doubled > 0) process.stderr.write(`${slug}: ${lost} lost, ${doubled} doubled\n`);
  }
  return {
    alertsLost: rows.reduce((sum, row) => sum + row.lost, 0),
    alertsDoubled: rows.reduce((sum, row) => sum + row.doubled, 0),
  };
}

/**
 * Alerts whose evidence counts an event twice, and alerts that were opened twice; each is named. That a
 * rule took too long or watched too much, as on a machine with much else to do, is no event's alert.
 */
async function countDoubled(sql: Sql): Promise<number> {
  const rows = await sql<{ id: string; title: string; count: number; kept: number; n: number }[]>`
    select a.id, a.title, a.count, coalesce(e.n, 0)::int as kept, o.n::int as n
    from alerts a
    left join (select alert_id, count(distinct event_id) as n from alert_evidence
      group by alert_id) e on e.alert_id = a.id
    left join (select alert_id, count(*) as n from alert_changes where change = 'opened'
      group by alert_id) o on o.alert_id = a.id
    where a.group_key not in ('["overflow"]', '["overtime"]')
      and (least(a.count, ${limits.alertEvidenceMax}) <> coalesce(e.n, 0) or o.n > 1)`;
  for (const { id, title, count, kept, n } of rows) {
    process.stderr.write(`${id} "${title}": counts ${count}, keeps ${kept}, opened ${n} times\n`);
  }
  return rows.length;
}

/** Compares what is stored and derived with what was acknowledged. */
export async function judge(sql: Sql, ledger: LoadLedger): Promise<Verdict> {
  await settle(sql);
  return {
    stored: await countRows(sql, 'select 1 from events'),
    lost: await countMissing(sql, [...ledger.acknowledged]),
    storedTwice: await countRows(
      sql,
      'select 1 from events group by tenant_id, event_id, revision having count(*) > 1',
    ),
    halfStored: await countRows(
      sql,
      `select 1 from events e
       full join event_ids i on i.tenant_id = e.tenant_id and i.id = e.event_id and i.seq = e.seq
       full join event_bodies b on b.tenant_id = e.tenant_id and b.seq = e.seq
       where e.seq is null or i.seq is null or b.seq is null`,
    ),
    ...(await judgeAlerts(sql, [...ledger.alarming])),
    evidenceDoubled: await countDoubled(sql),
    tracesMiscounted: await countRows(
      sql,
      `select 1 from traces t full join (
         select tenant_id, trace_id, count(*) as n from events group by 1, 2) e
         on e.tenant_id = t.tenant_id and e.trace_id = t.id
       where t.events is distinct from e.n`,
    ),
  };
}
