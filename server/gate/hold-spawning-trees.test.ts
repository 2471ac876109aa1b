import { describe, expect, it } from 'vitest';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import type { StopScope } from './contract.ts';
import { holdSpawningTrees } from './hold-spawning-trees.ts';
import { liftStop } from './lift-stop.ts';
import { placeStop } from './place-stop.ts';
import { recordSpawns } from './record-spawn.ts';
import { resumeAgent } from './resume-agent.ts';
import { withGate } from './with-gate.ts';

const bed = openTestDatabase();

/** Later and earlier than any stop of these tests. */
const after = '2126-01-01T00:00:00.000Z';
const before = '2026-01-01T00:00:00.000Z';

/** A parent in production that has started `elder`; `child` waits to be started. */
async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = (slug: string) => makeAgent(bed, tenant.id, slug);
  const agents = {
    parent: await agent('parent'),
    elder: await agent('elder'),
    child: await agent('child'),
  };
  await bed.admin`update agents set environment = 'production' where id = ${uuidOf(agents.parent.id)}`;
  const ingest = makeCtx(bed.app, tenant.id, keyActor('ingest'));
  await recordSpawns(ingest, [{ parentId: agents.parent.id, childId: agents.elder.id }]);
  const person = async () =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  const ask = (one: keyof typeof agents) => {
    const subject = { agentId: agents[one].id, environment: null, sessionId: null, tool: 'pay' };
    const ctx = makeCtx(bed.app, tenant.id, keyActor('agent', agents[one]));
    return withGate(ctx, subject, async () => 'in').catch((error: { code: string }) => error.code);
  };
  const spawn = async (startedAt: string) => {
    const told = { parentId: agents.parent.id, childId: agents.child.id, startedAt };
    await recordSpawns(ingest, [told]);
    await holdSpawningTrees(ingest, [told]);
  };
  return {
    tenant,
    agents,
    ingest,
    responder: await person(),
    person,
    spawn,
    stop: async (scope: StopScope, level: number) =>
      placeStop(await person(), { scope, level, reason: 'test' }),
    asked: async () => ({
      parent: await ask('parent'),
      elder: await ask('elder'),
      child: await ask('child'),
    }),
    stops: () => bed.admin<{ id: string; level: number; by: string }[]>`
      select id, level, placed_by_label as by from stops
      where tenant_id = ${uuidOf(tenant.id)} and scope_kind = 'tree' and state <> 'lifted'`,
  };
}

describe('a spawn under a stop', () => {
  it.each([
    [1, 'agent', { parent: 'halted', elder: 'in', child: 'in' }, []],
    [2, 'agent', { parent: 'halted', elder: 'halted', child: 'halted' }, [2]],
    [4, 'agent', { parent: 'halted', elder: 'halted', child: 'halted' }, [2]],
    [2, 'environment', { parent: 'halted', elder: 'halted', child: 'halted' }, [2]],
    [2, 'session', { parent: 'in', elder: 'in', child: 'in' }, []],
  ] as const)('of level %i on the %s', async (level, kind, asked, levels) => {
    const { spawn, stop, asked: ask, stops, agents } = await makeScene();
    const id = { agent: agents.parent.id, environment: 'production', session: 'run-1' }[kind];
    await stop({ kind, id }, level);
    await spawn(after);
    expect(await ask()).toEqual(asked);
    expect((await stops()).map((one) => one.level)).toEqual(levels);
  });

  it('says who stopped the tree and why, and is lifted by itself', async () => {
    const { spawn, stop, asked, stops, agents, responder, tenant } = await makeScene();
    const placed = await stop({ kind: 'agent', id: agents.parent.id }, 2);
    await spawn(after);
    const [row] = await bed.admin`select subject_id, cause, actor_label from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'stop.placed' order by seq desc limit 1`;
    expect(row).toMatchObject({ actor_label: 'system:spawn' });
    expect(row?.['cause']).toContain(placed.id);
    await liftStop(responder, idOf('stop', (await stops())[0]?.id ?? ''), 'the child is harmless');
    expect(await stops()).toEqual([]);
    expect(await asked()).toEqual({ parent: 'halted', elder: 'in', child: 'in' });
  });

  it('that began before it changes nothing, nor does one after the lift', async () => {
    const { spawn, stop, stops, agents, responder } = await makeScene();
    const { id } = await stop({ kind: 'agent', id: agents.parent.id }, 2);
    await spawn(before);
    expect(await stops()).toEqual([]);
    await liftStop(responder, id, 'over');
    await spawn(after);
    expect(await stops()).toEqual([]);
  });

  it('is held once: told again, nobody who was let go first is held by it', async () => {
    const { spawn, stop, asked, stops, agents, person } = await makeScene();
    await stop({ kind: 'agent', id: agents.parent.id }, 2);
    await Promise.all([spawn(after), spawn(after)]);
    const [tree, ...more] = await stops();
    expect(more).toEqual([]);
    const first = { agentId: agents.elder.id, reason: 'harmless' };
    await resumeAgent(await person(), { id: idOf('stop', tree?.id ?? ''), ...first });
    await spawn(after);
    expect(await stops()).toEqual([tree]);
    expect(await asked()).toEqual({ parent: 'halted', elder: 'in', child: 'halted' });
  });

  it('of a parent that an environment’s stop lets go first is no breach', async () => {
    const { spawn, stop, stops, agents, person } = await makeScene();
    const { id } = await stop({ kind: 'environment', id: 'production' }, 2);
    const first = { id, agentId: agents.parent.id, reason: 'the cause is gone' };
    await resumeAgent(await person(), first);
    await resumeAgent(await person(), first);
    await spawn(after);
    expect(await stops()).toEqual([]);
  });

  it('is told by those only who may tell of spawns, and of one’s own tenant', async () => {
    const { agents, tenant, stop, stops } = await makeScene();
    await stop({ kind: 'agent', id: agents.parent.id }, 2);
    const told = [{ parentId: agents.parent.id, childId: agents.child.id, startedAt: after }];
    const enforcer = makeCtx(bed.app, tenant.id, keyActor('enforcer'));
    await expect(holdSpawningTrees(enforcer, told)).rejects.toMatchObject({ code: 'forbidden' });
    const foreign = makeCtx(bed.app, (await makeTenant(bed)).id, keyActor('ingest'));
    await holdSpawningTrees(foreign, told);
    expect(await stops()).toEqual([]);
  });
});
