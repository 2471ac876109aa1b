import { AppError } from '#server/kernel/errors.ts';
import type { Position } from './position.ts';

/**
 * Below the oldest transaction still running: nothing readable is ever preceded by anything new. One
 * comparison of rows, so that an index of positions ends there too; spelt with `or` it made the
 * planner read everything that was left and sort it.
 */
export const belowHorizon = `(e.incarnation, e.xid) < (
    (select incarnation::smallint from log_incarnation), pg_snapshot_xmin(pg_current_snapshot()))`;

/** Which part of a tenant's log is read. */
export interface TailRange {
  readonly tenantUuid: string;
  readonly since: Position;
  /** Most events. */
  readonly limit: number;
  /** Most bytes of their bodies, all together; the first event comes whatever it weighs. */
  readonly bodyBytesMax: number;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const digits = /^\d{1,20}$/;

/**
 * The next events `e` of a tenant, oldest first, as text: a copy takes no parameters. Cut off before
 * anything is joined to it: until a day's partition has been analysed for the first time the planner
 * believes it nearly empty, and joins all of it. @throws AppError `internal` for what is no range
 */
export function tailRange({ tenantUuid, since, limit, bodyBytesMax }: TailRange): string {
  const numbers = [since.incarnation, since.xid, since.seq, limit, bodyBytesMax].map(String);
  if (!uuid.test(tenantUuid) || !numbers.every((text) => digits.test(text))) {
    throw new AppError('internal', 'The log cannot be read from such a place.');
  }
  const [incarnation, xid, seq, count, bytes] = numbers;
  return `(
  select * from (
    select *, sum(e.body_bytes) over (
      order by e.incarnation, e.xid, e.seq rows between unbounded preceding and 1 preceding
    ) as bytes_before
    from events e
    where e.tenant_id = '${tenantUuid}'::uuid
      and (e.incarnation, e.xid, e.seq) > (${incarnation}::smallint, '${xid}'::xid8, ${seq}::bigint)
      and ${belowHorizon}
    order by e.incarnation, e.xid, e.seq
    limit ${count}
  ) e
  where coalesce(bytes_before, 0) < ${bytes}
) e`;
}

/** The order of the log, for what was joined to {@link tailRange}. */
export const tailOrder = 'order by e.incarnation, e.xid, e.seq';
