/**
 * Below the oldest transaction still running: nothing readable is ever preceded by anything new. One
 * comparison of rows, so that an index of positions ends there too; spelt with `or` it made the
 * planner read everything that was left and sort it.
 */
export const belowHorizon = `(e.incarnation, e.xid) < (
    (select incarnation::smallint from log_incarnation), pg_snapshot_xmin(pg_current_snapshot()))`;

/**
 * The next events `e` of tenant $1 after the position $2, $3, $4, oldest first, at most $5. Cut off
 * before anything is joined to it: until a day's partition has been analysed for the first time the
 * planner believes it nearly empty, and joins all of it.
 */
export const tailRange = `(
  select * from events e
  where e.tenant_id = $1::uuid
    and (e.incarnation, e.xid, e.seq) > ($2::smallint, $3::xid8, $4::bigint)
    and ${belowHorizon}
  order by e.incarnation, e.xid, e.seq
  limit $5
) e`;

/** The order of the log, for what was joined to {@link tailRange}. */
export const tailOrder = 'order by e.incarnation, e.xid, e.seq';
