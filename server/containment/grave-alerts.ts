import { sql } from 'drizzle-orm';

/**
 * Counts the alerts of a resumption `r`'s agent that were opened since it works again, or that were open
 * and went on; and how many of them are of high severity or worse. Those of before, which went on in
 * silence, are none.
 */
export const alertsSince = sql`select count(*)::int as alerts,
    count(*) filter (where o.severity in ('high', 'critical'))::int as grave,
    (array_agg(o.title order by o.opened_at) filter (where o.severity in ('high', 'critical')))[1] as title
  from alerts o where o.tenant_id = r.tenant_id and o.agent_id = r.agent_id
    and (o.opened_at >= r.at or (o.state <> 'resolved' and o.last_at >= r.at))
    and (r.ended_at is null or o.opened_at <= r.ended_at)`;
