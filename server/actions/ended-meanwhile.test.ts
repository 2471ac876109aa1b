import { describe, expect, it } from 'vitest';
import { changeAgent } from '#server/agents/change-agent.ts';
import { revokeKey } from '#server/auth/revoke-key.ts';
import { createSql } from '#db/client.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { takeGateAlone } from '#server/kernel/take-gate-alone.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { ask, type HoldScene, vote } from '#server/testing/hold-scene.ts';
import { type KeyedScene, makeKeyedScene } from '#server/testing/keyed-scene.ts';
import { awaitDecision } from './await-decision.ts';
import { redeemPermit } from './redeem-permit.ts';

const bed = openTestDatabase();
const args = { path: '/a', content: 'x' };

/** A held action that is approved; its permit is not fetched yet. */
async function approve(scene: HoldScene) {
  const held = await ask(scene, { tool: 'write_file', args });
  const [reviewer] = scene.reviewers;
  if (!reviewer || held.approval === null) throw new Error('nobody could approve');
  await vote(reviewer, held.approval.id);
  return held.id;
}

const fetchPermit = async (scene: HoldScene, id: string) =>
  (await awaitDecision(scene.agentCtx, scene.tools, { id, waitSeconds: 0 })).permit ?? '';

const redeem = (ctx: Ctx, { tools }: HoldScene, permit: string, key: string | null = null) =>
  redeemPermit(ctx, tools, { permit, args }, key);

const permitsOf = (id: string) =>
  bed.admin<{ redeemed: boolean }[]>`select redeemed_at is not null as redeemed from permits
    where action_id = ${uuidOf(id)}`;

/** As another process commits it: nothing that this one remembers is told. */
const deaths = {
  revoked: (keyId: string) =>
    bed.admin`update api_keys set revoked_at = now() where id = ${uuidOf(keyId)}`,
  expired: (keyId: string) => bed.admin`update api_keys
    set expires_at = clock_timestamp() where id = ${uuidOf(keyId)}`,
} as const;
const died = Object.entries(deaths);
const dead = expect.objectContaining({ code: 'unauthenticated' });

describe('a key that died since the door looked', () => {
  it.each(
    died.flatMap(([how, die]) =>
      (['agentKey', 'enforcer'] as const).map((who) => [how, who, die] as const),
    ),
  )('redeems nothing once %s: %s', async (_, who, die) => {
    const scene = await makeKeyedScene(bed);
    const id = await approve(scene);
    const permit = await fetchPermit(scene, id);
    await die(scene[who].keyId);
    await expect(redeem(scene[who].ctx, scene, permit)).rejects.toEqual(dead);
    expect(await permitsOf(id)).toEqual([{ redeemed: false }]);
    const refused = await bed.admin`select cause from audit_log
      where tenant_id = ${uuidOf(scene.tenant.id)} and action = 'permit.refused'`;
    expect(refused).toEqual([{ cause: 'unauthenticated' }]);
    // It is the key's own end: the permit is good for whoever else may redeem it.
    const other = who === 'agentKey' ? scene.enforcer : scene.agentKey;
    await expect(redeem(other.ctx, scene, permit)).resolves.toMatchObject({ redeemed: true });
  });

  it.each(died)('is not told again what it redeemed once %s', async (_, die) => {
    const scene = await makeKeyedScene(bed);
    const permit = await fetchPermit(scene, await approve(scene));
    await redeem(scene.agentCtx, scene, permit, 'k');
    await expect(redeem(scene.agentCtx, scene, permit, 'k')).resolves.toBeDefined();
    await die(scene.agentKey.keyId);
    await expect(redeem(scene.agentCtx, scene, permit, 'k')).rejects.toEqual(dead);
  });

  it.each(died)('is issued no permit of what was approved once %s', async (_, die) => {
    const scene = await makeKeyedScene(bed);
    const id = await approve(scene);
    await die(scene.agentKey.keyId);
    await expect(fetchPermit(scene, id)).rejects.toEqual(dead);
    expect(await permitsOf(id)).toEqual([]);
  });

  it.each(died)('decides nothing once %s', async (_, die) => {
    const scene = await makeKeyedScene(bed);
    await die(scene.agentKey.keyId);
    await expect(ask(scene, { tool: 'read_file', args: {} })).rejects.toEqual(dead);
  });
});

/** What an agent may be in the midst of: behind the gate, with everything read and nothing committed. */
const workings: Readonly<
  Record<
    string,
    { table: string; event: string; start: (scene: KeyedScene) => Promise<() => Promise<unknown>> }
  >
> = {
  'a decision': {
    table: 'actions',
    event: 'insert',
    start: async (scene) => () => ask(scene, { tool: 'read_file', args: {} }),
  },
  'the issue of a permit': {
    table: 'permits',
    event: 'insert',
    start: async (scene) => {
      const id = await approve(scene);
      return () => fetchPermit(scene, id);
    },
  },
  'a redeem': {
    table: 'permits',
    event: 'update',
    start: async (scene) => {
      const permit = await fetchPermit(scene, await approve(scene));
      return () => redeem(scene.enforcerCtx, scene, permit);
    },
  },
};

const ends: Readonly<Record<string, (scene: KeyedScene) => Promise<unknown>>> = {
  'the agent is disabled': ({ cli, agent }) =>
    changeAgent(cli, { id: agent.id, state: 'disabled' }),
  'the key is revoked': ({ cli, agentKey, enforcer }) =>
    Promise.all([revokeKey(cli, agentKey.keyId), revokeKey(cli, enforcer.keyId)]),
};

/** Holds whoever writes to a table in the midst of the statement, until `release`. */
async function holdWriters(table: string, event: string) {
  const pause = newId('audit');
  await bed.admin.unsafe(`
    create or replace function linger() returns trigger language plpgsql as $$ begin
      perform pg_advisory_xact_lock_shared(hashtextextended('${pause}', 0)); return new; end $$;
    create trigger linger before ${event} on ${table} for each row execute function linger();`);
  const holder = createSql(bed.database.adminUrl, { connectionsMax: 1 });
  const held = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const holding = holder.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended(${pause}, 0))`;
    held.resolve();
    await over.promise;
  });
  await held.promise;
  return {
    release: async () => {
      over.resolve();
      await holding;
      await holder.end({ timeout: 1 });
    },
    remove: () => bed.admin.unsafe(`drop trigger linger on ${table}`),
  };
}

/** How many wait for an advisory lock of this database. */
const waiters = async () =>
  (
    await bed.admin`select 1 from pg_locks l join pg_database d on d.oid = l.database
      where d.datname = current_database() and locktype = 'advisory' and not granted`
  ).length;

describe('an end that comes while something is under way', () => {
  it.each(
    Object.entries(ends).flatMap(([end, finish]) =>
      Object.entries(workings).map(([name, work]) => [end, name, finish, work] as const),
    ),
  )('is over only after it: %s during %s', async (_, _name, finish, { table, event, start }) => {
    const scene = await makeKeyedScene(bed);
    const work = await start(scene);
    const writers = await holdWriters(table, event);
    const told: string[] = [];
    try {
      const working = work().then(() => told.push('passed'));
      await expect.poll(waiters, { interval: 5 }).toBe(1);
      const ending = finish(scene).then(() => told.push('ended'));
      // Either it waits at the gate, or it was told past the one inside.
      await expect
        .poll(async () => (await waiters()) + told.length, { interval: 5 })
        .toBeGreaterThan(1);
      const toldMeanwhile = [...told];
      await writers.release();
      await Promise.all([working, ending]);
      expect(toldMeanwhile).toEqual([]);
      expect([...told].sort()).toEqual(['ended', 'passed']);
    } finally {
      await writers.release();
      await writers.remove();
    }
  });

  it('is seen by whoever waited for it at the gate', async () => {
    const scene = await makeKeyedScene(bed);
    const permit = await fetchPermit(scene, await approve(scene));
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const disabling = withTransaction(scene.cli, async (tx) => {
      await takeGateAlone(tx, scene.cli);
      await tx.execute(`update agents set state = 'disabled'
        where id = '${uuidOf(scene.agent.id)}'`);
      entered.resolve();
      await leave.promise;
    });
    await entered.promise;
    const asking = ask(scene, { tool: 'read_file', args: {} });
    const redeeming = Promise.allSettled([redeem(scene.enforcerCtx, scene, permit)]);
    await expect.poll(waiters, { interval: 5 }).toBe(2);
    leave.resolve();
    await disabling;
    expect(await asking).toMatchObject({ state: 'denied', permit: null });
    expect(await redeeming).toMatchObject([{ status: 'rejected', reason: { code: 'denied' } }]);
  });
});
