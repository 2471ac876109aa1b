import { describe, expect, it, vi } from 'vitest';
import { withRead } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { takeGateAlone } from '#server/kernel/take-gate-alone.ts';
import { liftStop } from './lift-stop.ts';
import { placeStop } from './place-stop.ts';
import { readStop } from './queries.ts';
import { readCoverage } from './read-coverage.ts';
import { readFamily } from './read-family.ts';
import { haltOf, readStopsSince, spansOf } from './read-stops-since.ts';
import { recordSpawns } from './record-spawn.ts';
import { withGate } from './with-gate.ts';

vi.mock(import('#server/kernel/take-gate-alone.ts'), { spy: true });

const bed = openTestDatabase();

type Agent = Awaited<ReturnType<typeof makeAgent>>;

/** A tenant with agents by these names; `ask` goes through the gate as one of them. */
async function makeScene(...slugs: string[]) {
  const tenant = await makeTenant(bed);
  const agents = new Map<string, Agent>();
  for (const slug of slugs) agents.set(slug, await makeAgent(bed, tenant.id, slug));
  const agent = (slug: string): Agent => {
    const found = agents.get(slug);
    if (!found) throw new Error(`no agent ${slug}`);
    return found;
  };
  const ingest = makeCtx(bed.app, tenant.id, keyActor('ingest'));
  const keyOf = (slug: string) => makeCtx(bed.app, tenant.id, keyActor('agent', agent(slug)));
  const responder = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  const subjectOf = (slug: string) => ({
    agentId: agent(slug).id,
    environment: 'production',
    sessionId: null,
    tool: 'send_money',
  });
  const ask = (slug: string) =>
    withGate(keyOf(slug), subjectOf(slug), async () => 'in').catch(
      (error: { code: string }) => error.code,
    );
  return {
    tenant,
    agent,
    ingest,
    keyOf,
    responder,
    subjectOf,
    ask,
    asked: async () =>
      Object.fromEntries(await Promise.all(slugs.map(async (slug) => [slug, await ask(slug)]))),
    spawn: (parent: string, child: string, ctx = ingest) =>
      recordSpawns(ctx, [{ parentId: agent(parent).id, childId: agent(child).id }]),
    stopTree: (root: string) =>
      placeStop(responder, { scope: { kind: 'tree', id: root }, level: 1, reason: 'test' }),
    auditOf: (action: string) => bed.admin`select subject_id, detail from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = ${action} order by seq`,
  };
}

describe('a stop of a tree', () => {
  it('covers the root and all generations below it, and nobody beside or above', async () => {
    const { spawn, stopTree, asked, responder } = await makeScene(
      'top',
      'root',
      'child',
      'grandchild',
      'beside',
    );
    await spawn('child', 'grandchild');
    await spawn('root', 'child');
    await spawn('top', 'root');
    await spawn('top', 'beside');
    const { id, state } = await stopTree('root');
    expect(state).toBe('active');
    const halted = { root: 'halted', child: 'halted', grandchild: 'halted' };
    expect(await asked()).toEqual({ top: 'in', beside: 'in', ...halted });
    await liftStop(responder, id, 'over');
    expect(Object.values(await asked())).toEqual(Array(5).fill('in'));
  });

  it('covers what is started later, from its first ask, with all below it', async () => {
    const { spawn, stopTree, ask, agent, tenant, responder } = await makeScene(
      'root',
      'late',
      'later',
    );
    const { id } = await stopTree('root');
    await spawn('late', 'later');
    expect([await ask('late'), await ask('later')]).toEqual(['in', 'in']);
    await spawn('root', 'late');
    expect([await ask('late'), await ask('later')]).toEqual(['halted', 'halted']);
    const told = await bed.admin`select agent_id from control_changes
      where tenant_id = ${uuidOf(tenant.id)} and change = 'joined'`;
    expect(new Set(told.map((row) => row['agent_id'] as string))).toEqual(
      new Set([uuidOf(agent('late').id), uuidOf(agent('later').id)]),
    );
    const members = (await readStop(responder, id)).scope.members;
    expect(members?.[0]).toBe(agent('root').id);
    expect(new Set(members)).toEqual(
      new Set(['root', 'late', 'later'].map((one) => agent(one).id)),
    );
  });

  it('bears cycles: each is in the tree of the others', async () => {
    const { spawn, stopTree, asked } = await makeScene('a', 'b', 'c', 'd');
    await spawn('a', 'b');
    await spawn('b', 'c');
    await spawn('c', 'a');
    await spawn('a', 'a');
    await stopTree('b');
    expect(await asked()).toEqual({ a: 'halted', b: 'halted', c: 'halted', d: 'in' });
  });

  it('covers everybody whose ancestors are more than are kept', async () => {
    const chain = Array.from({ length: limits.agentAncestorsMax + 3 }, (_, at) => `a${at}`);
    const { spawn, stopTree, ask, keyOf } = await makeScene(...chain, 'other', 'leaf');
    for (const [at, name] of chain.entries()) if (at > 0) await spawn(`a${at - 1}`, name);
    const last = chain.at(-1) ?? '';
    await spawn(last, 'leaf');
    expect(await readFamily(makeReader(keyOf), 'leaf')).toMatchObject({ isInEveryTree: true });
    expect(await readFamily(makeReader(keyOf), 'a3')).toMatchObject({ isInEveryTree: false });
    await stopTree('other');
    expect([await ask('a3'), await ask(last), await ask('leaf')]).toEqual([
      'in',
      'halted',
      'halted',
    ]);
  });

  const makeReader = (keyOf: (slug: string) => ReturnType<typeof makeCtx>) =>
    makeCtx(bed.app, keyOf('leaf').tenantId, keyActor('service'));

  it('agrees with a walk over the spawns, whatever the order in which they came', async () => {
    const names = Array.from({ length: 12 }, (_, at) => `n${at}`);
    const scene = await makeScene(...names);
    let seed = 7;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const pick = () => names[Math.floor(random() * names.length)] ?? 'n0';
    const edges = Array.from({ length: 18 }, () => [pick(), pick()] as const);
    await Promise.all(edges.map(([parent, child]) => scene.spawn(parent, child)));
    const wrong = await bed.admin`
      with recursive walk as (
        select child_id as agent_id, parent_id as ancestor_id from spawns
          where tenant_id = ${uuidOf(scene.tenant.id)}
        union select s.child_id, w.ancestor_id from walk w join spawns s
          on s.tenant_id = ${uuidOf(scene.tenant.id)} and s.parent_id = w.agent_id),
      told as (select agent_id, ancestor_id from walk where agent_id <> ancestor_id),
      kept as (select agent_id, ancestor_id from agent_ancestors
        where tenant_id = ${uuidOf(scene.tenant.id)})
      (select * from told except select * from kept)
      union all (select * from kept except select * from told)`;
    expect(wrong).toEqual([]);
  });
});

describe('recordSpawns', () => {
  it('takes any claim of a shared key, of an agent’s own key only itself; and only adds', async () => {
    const { spawn, keyOf, auditOf, agent, tenant } = await makeScene('root', 'child', 'rogue');
    await expect(spawn('root', 'child', keyOf('rogue'))).rejects.toMatchObject({
      code: 'forbidden',
    });
    await spawn('root', 'child');
    await spawn('root', 'child');
    await spawn('root', 'child', keyOf('root'));
    const detail = { parentId: agent('root').id };
    expect(await auditOf('agent.spawned')).toMatchObject([
      { subject_id: agent('child').id, detail: { ...detail, isVerified: false, joined: 1 } },
      { subject_id: agent('child').id, detail: { ...detail, isVerified: true, joined: 0 } },
    ]);
    for (const table of ['spawns', 'agent_ancestors']) {
      for (const text of [`delete from ${table}`, `update ${table} set at = now()`]) {
        await expect(bed.app.$client.unsafe(text)).rejects.toMatchObject({ code: '42501' });
        await expect(bed.worker.$client.unsafe(text)).rejects.toMatchObject({ code: '42501' });
      }
    }
    const reader = makeCtx(bed.app, tenant.id, keyActor('service'));
    expect(await readFamily(reader, 'root')).toMatchObject({
      parents: [],
      children: [{ slug: 'child', isVerified: true }],
      treeAgents: 2,
    });
  });

  it('is nobody’s who posts no telemetry, and knows no agent of another tenant', async () => {
    const { spawn, agent, tenant, responder } = await makeScene('root', 'child');
    for (const kind of ['service', 'enforcer'] as const) {
      const ctx = makeCtx(bed.app, tenant.id, keyActor(kind));
      await expect(spawn('root', 'child', ctx)).rejects.toMatchObject({ code: 'forbidden' });
    }
    await expect(spawn('root', 'child', responder)).rejects.toMatchObject({ code: 'forbidden' });
    const stranger = await makeScene('their-root');
    const spawnAcross = recordSpawns(stranger.ingest, [
      { parentId: stranger.agent('their-root').id, childId: agent('child').id },
    ]);
    await expect(spawnAcross).rejects.toThrow();
    expect(
      await bed.admin`select 1 from agent_ancestors where tenant_id in
      (${uuidOf(tenant.id)}, ${uuidOf(stranger.tenant.id)})`,
    ).toEqual([]);
  });

  it('gives nothing back for the time before an agent joined, and kills what it was granted then', async () => {
    const { spawn, stopTree, subjectOf, keyOf, responder } = await makeScene(
      'root',
      'early',
      'late',
      'last',
    );
    const read = (slug: string) =>
      withRead(keyOf(slug), (tx) => readCoverage(tx, keyOf(slug), subjectOf(slug), '2020-01-01'));
    const since = (slug: string) =>
      withRead(keyOf(slug), async (tx) => {
        const all = await readStopsSince(tx, keyOf(slug), '2020-01-01T00:00:00Z');
        return { spans: spansOf(all, subjectOf(slug)), ...haltOf(all, subjectOf(slug)) };
      });
    await spawn('root', 'early');
    const { id, epoch } = await stopTree('root');
    await spawn('root', 'late');
    const [early, late] = [await read('early'), await read('late')];
    expect([early.lastEpoch, late.lastEpoch]).toEqual([epoch, epoch + 1]);
    expect(late.spans[0]?.fromMs ?? 0).toBeGreaterThan(early.spans[0]?.fromMs ?? Infinity);
    expect(await since('late')).toEqual({
      spans: late.spans,
      isHalted: true,
      lastEpoch: epoch + 1,
    });
    await liftStop(responder, id, 'over');
    await spawn('root', 'last');
    expect(await read('last')).toMatchObject({ standing: null, spans: [], lastEpoch: 0 });
    expect(await since('last')).toEqual({ spans: [], isHalted: false, lastEpoch: 0 });
  });
});

describe('a spawn and a stop at once', () => {
  it('keeps the spawn back until the child that is inside the gate has left', async () => {
    const { spawn, stopTree, keyOf, subjectOf } = await makeScene('root', 'child');
    await stopTree('root');
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const told: string[] = [];
    const inside = withGate(keyOf('child'), subjectOf('child'), async () => {
      entered.resolve();
      await leave.promise;
    }).then(() => told.push('granted'));
    await entered.promise;
    const spawning = spawn('root', 'child').then(() => told.push('stored'));
    const rows = () =>
      bed.admin`select 1 from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`;
    await expect.poll(async () => (await rows()).length + told.length, { interval: 5 }).toBe(1);
    const toldMeanwhile = [...told];
    leave.resolve();
    await Promise.all([inside, spawning]);
    expect(toldMeanwhile).toEqual([]);
    expect([...told].sort()).toEqual(['granted', 'stored']);
  });

  it('holds the gate alone once for all that one request tells, and covers each of them', async () => {
    const slugs = Array.from({ length: limits.spawnsAtOnce + 3 }, (_, at) => `child-${at}`);
    const { agent, ingest, stopTree, asked } = await makeScene('root', ...slugs);
    await stopTree('root');
    vi.mocked(takeGateAlone).mockClear();
    await recordSpawns(
      ingest,
      slugs.map((slug) => ({ parentId: agent('root').id, childId: agent(slug).id })),
    );
    expect(takeGateAlone).toHaveBeenCalledTimes(1);
    expect(new Set(Object.values(await asked()))).toEqual(new Set(['halted']));
  });

  it('leaves no child that is granted anything once both are answered', async () => {
    const { tenant, spawn, stopTree, keyOf, subjectOf } = await makeScene('root', 'child');
    await bed.admin`create table if not exists granted (tenant uuid, at timestamptz)`;
    await bed.admin`grant insert on granted to signalbox_app`;
    const grants = async () =>
      (await bed.admin`select 1 from granted where tenant = ${uuidOf(tenant.id)}`).length;
    let isOver = false;
    let passed = 0;
    const caller = async () => {
      while (!isOver) {
        const insert = `insert into granted values ('${uuidOf(tenant.id)}', clock_timestamp())`;
        const done = await withGate(keyOf('child'), subjectOf('child'), (tx) =>
          tx.execute(insert),
        ).catch((error: { code: string }) => error.code);
        if (typeof done === 'string') expect(done).toBe('halted');
        else passed += 1;
      }
    };
    const callers = Array.from({ length: 8 }, caller);
    await expect.poll(() => passed, { interval: 5 }).toBeGreaterThan(20);
    await Promise.all([spawn('root', 'child'), stopTree('root')]);
    const before = await grants();
    await expect(withGate(keyOf('child'), subjectOf('child'), async () => 'in')).rejects.toThrow(
      /stop/,
    );
    isOver = true;
    await Promise.all(callers);
    expect(await grants()).toBe(before);
  });
});
