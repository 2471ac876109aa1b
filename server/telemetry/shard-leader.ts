import type { Sql } from 'postgres';
import { limits } from '#server/kernel/limits.ts';

/**
 * Which shards of tenants this process leads for one consumer of the log. Leadership saves double
 * work; it is not what makes the work correct (the compare-and-set of the cursor is), so a leader
 * that is cut off from the database without noticing does no harm.
 */
export interface ShardLeader {
  /** Takes every shard that nobody leads and answers all that are held now. */
  readonly renew: () => Promise<readonly number[]>;
  /** Gives all shards up, so that another process takes over at its next renewal. */
  readonly close: () => Promise<void>;
}

/**
 * Leads shards by session-level advisory locks: when the process or its connection dies, Postgres
 * lets go by itself. `session` is a pool of exactly one connection that nothing else queries, not a
 * reserved connection of a larger pool: postgres.js never revives a reserved connection whose
 * backend was killed, its queries hang (tried). A pool of one reconnects, without the locks; so what
 * is held is read back from `pg_locks` at every renewal.
 */
export function createShardLeader(session: Sql, consumer: string): ShardLeader {
  const lockClass = `tail:${consumer}`;
  return {
    renew: async () => {
      const rows = await session<{ shard: number }[]>`
        with held as materialized (
          select objid::int as shard from pg_locks
          where locktype = 'advisory' and pid = pg_backend_pid() and objsubid = 2
            and classid::int8 = hashtext(${lockClass})::int8 & 4294967295
        ), free as materialized (
          select shard from generate_series(0, ${limits.tailShards - 1}::int) as shard
          where shard not in (select shard from held)
        )
        select shard from held
        union all
        select shard from free where pg_try_advisory_lock(hashtext(${lockClass}), shard)
        order by shard`;
      return rows.map((row) => row.shard);
    },
    close: async () => {
      await session`select pg_advisory_unlock(classid::int8::bit(32)::int, objid::int) from pg_locks
        where locktype = 'advisory' and pid = pg_backend_pid() and objsubid = 2
          and classid::int8 = hashtext(${lockClass})::int8 & 4294967295`;
    },
  };
}
