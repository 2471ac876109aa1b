import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'drizzle-orm';
import type { Sql } from 'postgres';
import { createSql } from '#db/client.ts';
import { limits } from '#server/kernel/limits.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase, type TestBed } from '#server/testing/database.ts';
import { makeTenant } from '#server/testing/factories.ts';
import { settleLog } from '#server/testing/settle-log.ts';
import { type Position } from './position.ts';
import { createTailRunner, type TailConsumer, type TailRunner } from './tail-consumer.ts';
import { createTailFeed, type ReadItems } from './tail-feed.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });

const runners: TailRunner[] = [];
const sessions: Sql[] = [];

// A consumer sees all tenants of the database, so each test begins with an empty log.
beforeEach(async () => {
  await bed.admin`truncate events, tail_cursors, event_counts`;
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.close()));
  await Promise.all(sessions.splice(0).map((session) => session.end()));
});

/** A runner with the worker's login, closed after the test; `clock` replaces the real one. */
function runnerOf(consumer: TailConsumer<Item>, clock?: { ms: number }): TailRunner {
  const leaderSession = createSql(bed.database.workerUrl, { connectionsMax: 1 });
  sessions.push(leaderSession);
  const runner = createTailRunner(consumer, {
    db: bed.worker,
    feed: createTailFeed(readItems),
    leaderSession,
    log,
    ...(clock ? { nowMs: () => clock.ms } : {}),
  });
  runners.push(runner);
  return runner;
}

interface Item {
  readonly at: Position;
  readonly eventId: string;
}

const readItems: ReadItems<Item> = async (tx, tenantId, since, limit) => {
  const rows = await tx<{ incarnation: number; xid: string; seq: number; event_id: string }[]>`
    select incarnation, xid::text, seq::float8, event_id from events e
    where tenant_id = ${uuidOf(tenantId)}
      and (incarnation, xid, seq) > (${since.incarnation}::smallint, ${since.xid}::xid8,
        ${since.seq}::bigint)
      and xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.incarnation, e.xid, e.seq limit ${limit}`;
  return rows.map(({ event_id: eventId, ...at }) => ({ at, eventId }));
};

/** Appends events as a door would: one transaction, ids of its own. */
async function append(
  db: TestBed,
  tenantId: TenantId,
  ids: readonly string[],
  isSettled = true,
): Promise<void> {
  await db.admin`insert into events (tenant_id, received_on, incarnation, xid, seq, received_at,
      event_id, revision, trace_id, agent_id, agent_slug, agent_explicit, is_verified, kind,
      started_at, status, trust, dialect, body_bytes)
    select ${uuidOf(tenantId)}, (now() at time zone 'utc')::date,
      (select incarnation from log_incarnation), pg_current_xact_id(), nextval('events_seq'), now(),
      id, 0, gen_random_uuid(), gen_random_uuid(), 'bot', true, true, 'lifecycle', now(), 'ok',
      'unknown', 'native', 0
    from unnest(${[...ids]}::text[]) as id`;
  // The horizon belongs to the whole cluster: another test file's transaction may hold it back.
  if (isSettled) await settleLog(db);
}

/** Counts events per kind of its own into event_counts: something visible to check once-ness by. */
function countingConsumer(
  name: string,
  seen: string[],
  hooks: {
    onDerive?: (tenantId: TenantId, items: readonly Item[]) => void;
    itemsMax?: number;
  } = {},
): TailConsumer<Item> {
  return {
    name,
    permission: 'telemetry.derive',
    itemsMax: hooks.itemsMax ?? 100,
    derive: async (ctx, items) => {
      hooks.onDerive?.(ctx.tenantId, items);
      return async (tx) => {
        await tx.execute(sql`insert into event_counts
          (tenant_id, minute, agent_id, kind, events, errors, bytes)
          values (${uuidOf(ctx.tenantId)}, '2026-01-01Z', ${uuidOf(ctx.tenantId)}, ${name},
            ${items.length}, 0, 0)
          on conflict (tenant_id, minute, agent_id, kind)
          do update set events = event_counts.events + excluded.events`);
        seen.push(...items.map((item) => item.eventId));
      };
    },
  };
}

async function countOf(tenantId: TenantId, name: string): Promise<number> {
  const [row] = await bed.admin<{ events: number }[]>`select coalesce(sum(events), 0)::int as events
    from event_counts where tenant_id = ${uuidOf(tenantId)} and kind = ${name}`;
  return row?.events ?? 0;
}

/** Passes until nothing is left to do. */
async function drain(runner: { pass: () => Promise<number> }): Promise<void> {
  while ((await runner.pass()) > 0);
}

describe('the tail runner', () => {
  it('hands every event of every tenant over once, in order, and remembers where it stood', async () => {
    const [a, b] = [await makeTenant(bed), await makeTenant(bed)];
    const seen: string[] = [];
    const first = runnerOf(countingConsumer('once', seen, { itemsMax: 2 }));
    await append(bed, a.id, ['a1', 'a2', 'a3']);
    await append(bed, b.id, ['b1']);
    await drain(first);
    await append(bed, a.id, ['a4']);
    await drain(first);
    await first.close();
    const second = runnerOf(countingConsumer('once', seen));
    await append(bed, b.id, ['b2']);
    await drain(second);
    expect(seen.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(seen.filter((id) => id.startsWith('b'))).toEqual(['b1', 'b2']);
    expect(await countOf(a.id, 'once')).toBe(4);
    expect(await countOf(b.id, 'once')).toBe(2);
  });

  it('waits for a transaction that began earlier instead of skipping its events', async () => {
    const tenant = await makeTenant(bed);
    const seen: string[] = [];
    const runner = runnerOf(countingConsumer('horizon', seen));
    const slow = await bed.admin.reserve();
    await slow`begin`;
    await slow`select pg_current_xact_id()`;
    await append(bed, tenant.id, ['later'], false);
    await drain(runner);
    const before = [...seen];
    await slow`commit`;
    slow.release();
    await settleLog(bed);
    await drain(runner);
    expect(before).toEqual([]);
    expect(seen).toEqual(['later']);
  });

  it('rolls back what it derived when somebody else moved the cursor meanwhile', async () => {
    const tenant = await makeTenant(bed);
    const seen: string[] = [];
    await append(bed, tenant.id, ['e1', 'e2']);
    const consumer = countingConsumer('raced', seen);
    const runner = runnerOf({
      ...consumer,
      derive: async (ctx, items, since) => {
        const at = items.at(-1)?.at;
        if (at) {
          await bed.admin`insert into tail_cursors (tenant_id, consumer, incarnation, xid, seq)
            values (${uuidOf(tenant.id)}, 'raced', ${at.incarnation}, ${at.xid}, ${at.seq})`;
        }
        return consumer.derive(ctx, items, since);
      },
    });
    expect(await runner.pass()).toBe(0);
    expect(await runner.pass()).toBe(0);
    expect(seen).toEqual([]);
    expect(await countOf(tenant.id, 'raced')).toBe(0);
  });

  it('loses nothing and doubles nothing when two processes both believe to lead', async () => {
    const tenant = await makeTenant(bed);
    const ids = Array.from({ length: 40 }, (_, index) => `e${index}`);
    for (const id of ids) await append(bed, tenant.id, [id]);
    const clock = { ms: 0 };
    const later = { ms: 0 };
    const seen: string[] = [];
    const [one, two] = [
      runnerOf(countingConsumer('split', seen, { itemsMax: 3 }), clock),
      runnerOf(countingConsumer('split', seen, { itemsMax: 3 }), later),
    ];
    // The first takes the locks and keeps believing in them after they are gone.
    await one.pass();
    await killLeader('split');
    clock.ms += limits.tailRenewMs - 1;
    // Postgres lets go of a killed session's locks in its own time: the second asks until it has them.
    const passLater = () => {
      later.ms += limits.tailRenewMs;
      return two.pass();
    };
    await expect.poll(passLater, { timeout: 10_000 }).toBeGreaterThan(0);
    // Another test file's transaction may hold the horizon back for a moment.
    const drainBoth = async () => {
      await Promise.all([drain(one), drain(two)]);
      return seen.length;
    };
    await expect.poll(drainBoth, { timeout: 10_000 }).toBe(ids.length);
    expect(await countOf(tenant.id, 'split')).toBe(ids.length);
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('leaves a failing tenant behind, alone, and retries it later with a smaller batch', async () => {
    const [bad, good] = [await makeTenant(bed), await makeTenant(bed)];
    const seen: string[] = [];
    const sizes: number[] = [];
    let isBroken = true;
    const clock = { ms: 0 };
    const consumer = countingConsumer('isolated', seen, {
      itemsMax: 4,
      onDerive: (tenantId, items) => {
        if (tenantId !== bad.id) return;
        sizes.push(items.length);
        if (isBroken) throw new Error('a rule exploded');
      },
    });
    const runner = runnerOf(consumer, clock);
    await append(bed, bad.id, ['x1', 'x2', 'x3', 'x4']);
    await append(bed, good.id, ['g1']);
    await runner.pass();
    await runner.pass();
    expect(seen).toEqual(['g1']);
    expect(sizes).toEqual([4]);
    clock.ms += limits.tailRetryMsMin;
    await runner.pass();
    expect(sizes).toEqual([4, 2]);
    isBroken = false;
    clock.ms += 2 * limits.tailRetryMsMin - 1;
    await runner.pass();
    expect(sizes).toEqual([4, 2]);
    clock.ms += 1;
    await runner.pass();
    expect(sizes).toEqual([4, 2, 1]);
    await drain(runner);
    expect(seen).toEqual(['g1', 'x1', 'x2', 'x3', 'x4']);
  });

  it('lets one process lead, and another take over when its connection dies', async () => {
    const tenant = await makeTenant(bed);
    const [seenFirst, seenSecond]: [string[], string[]] = [[], []];
    const clock = { ms: 0 };
    const first = runnerOf(countingConsumer('led', seenFirst), clock);
    const second = runnerOf(countingConsumer('led', seenSecond), clock);
    await append(bed, tenant.id, ['e1']);
    await drain(first);
    expect(await second.pass()).toBe(0);
    await killLeader('led');
    await append(bed, tenant.id, ['e2']);
    // One renewal of the second process: well inside the promised five seconds.
    clock.ms += limits.tailRenewMs;
    await expect
      .poll(async () => {
        clock.ms += limits.tailRenewMs;
        return second.pass();
      })
      .toBe(1);
    await append(bed, tenant.id, ['e3']);
    clock.ms += limits.tailRenewMs;
    expect(await first.pass().catch(() => 0)).toBe(0);
    clock.ms += limits.tailRenewMs;
    expect(await first.pass()).toBe(0);
    await drain(second);
    expect(seenFirst).toEqual(['e1']);
    expect(seenSecond).toEqual(['e2', 'e3']);
    expect(await countOf(tenant.id, 'led')).toBe(3);
  });

  it('refuses to run for an actor without the permission it names', async () => {
    const tenant = await makeTenant(bed);
    const seen: string[] = [];
    const runner = runnerOf({ ...countingConsumer('denied', seen), permission: 'rules.enable' });
    await append(bed, tenant.id, ['e1']);
    expect(await runner.pass()).toBe(0);
    expect(seen).toEqual([]);
  });

  it('polls by itself until closed', async () => {
    const tenant = await makeTenant(bed);
    const seen: string[] = [];
    const runner = runnerOf(countingConsumer('polls', seen));
    runner.start();
    await append(bed, tenant.id, ['e1']);
    await expect.poll(() => countOf(tenant.id, 'polls'), { timeout: 5000 }).toBe(1);
    await runner.close();
    await append(bed, tenant.id, ['e2']);
    expect(seen).toEqual(['e1']);
  });
});

/** Ends the session that leads this consumer, as a crash of its process would. */
async function killLeader(name: string): Promise<void> {
  const killed = await bed.admin`select pg_terminate_backend(pid) from pg_locks
    where locktype = 'advisory' and objsubid = 2
      and database = (select oid from pg_database where datname = current_database())
      and classid::int8 = hashtext(${`tail:${name}`})::int8 & 4294967295
    group by pid`;
  expect(killed).toHaveLength(1);
}
