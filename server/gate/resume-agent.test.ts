import { describe, expect, it } from 'vitest';
import type { Tx } from '#db/client.ts';
import type { Role } from '#db/enums.ts';
import { agentSubject } from '#server/containment/agent-subject.ts';
import { readControlState } from '#server/containment/read-control-state.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { holdAgain } from './hold-again.ts';
import { liftStop } from './lift-stop.ts';
import { placeStop } from './place-stop.ts';
import { readStop } from './queries.ts';
import { readCoverage } from './read-coverage.ts';
import { haltOf, readStopsSince } from './read-stops-since.ts';
import { resumeAgent } from './resume-agent.ts';
import { withGate } from './with-gate.ts';

const bed = openTestDatabase();

/** A tenant under a stop, with two agents. */
async function makeScene() {
  const tenant = await makeTenant(bed);
  const as = async (...roles: Role[]) =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  const agentOf = async (slug: string) => {
    const agent = await makeAgent(bed, tenant.id, slug);
    return { ...agent, ctx: makeCtx(bed.app, tenant.id, keyActor('agent', agent)) };
  };
  const [first, other] = [await agentOf('first'), await agentOf('other')];
  const placed = await placeStop(await as('responder'), {
    scope: { kind: 'tenant' },
    level: 2,
    reason: 'several agents at once',
  });
  const auditOf = (action: string) =>
    bed.admin`select actor_type, cause, detail from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = ${action} order by seq`;
  return { tenant, as, first, other, placed, auditOf };
}
type Scene = Awaited<ReturnType<typeof makeScene>>;

const nameOf = (scene: Scene, agentId = scene.first.id) => ({
  id: scene.placed.id,
  agentId,
  reason: 'the cause is gone',
});

/** Two people say so. */
async function resumeFirst(scene: Scene) {
  await resumeAgent(await scene.as('responder'), nameOf(scene));
  return resumeAgent(await scene.as('admin'), nameOf(scene));
}

/** Whether the agent is halted: by the gate, by what it is told, and as lists show it. */
async function isHalted({ ctx }: { readonly ctx: Ctx }) {
  const subject = await withRead(ctx, (tx) => agentSubject(tx, ctx));
  const gated = await withGate(ctx, { ...subject, tool: 'send_money' }, async () => false).catch(
    (error: { code?: string }) => {
      if (error.code === 'halted') return true;
      throw error;
    },
  );
  const { state } = await readControlState(ctx);
  const shown = await withRead(ctx, async (tx) => {
    const since = new Date(Date.now() - 3_600_000).toISOString();
    return haltOf(await readStopsSince(tx, ctx, since), subject).isHalted;
  });
  expect({ told: state.halted, listed: state.stops.length > 0, shown }).toEqual({
    told: gated,
    listed: gated,
    shown: gated,
  });
  return gated;
}

/** The database's clock, in milliseconds, inside a transaction. */
async function clockOf(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ ms: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  );
  if (!row) throw new Error('the database told no time');
  return row.ms;
}

describe('resumeAgent', () => {
  it('lets one agent go on once two people say so, and nobody else', async () => {
    const scene = await makeScene();
    const { as, first, other, auditOf } = scene;
    const one = await as('responder');
    expect(await resumeAgent(one, nameOf(scene))).toEqual({ missing: 1, watchedUntil: null });
    expect(await resumeAgent(one, nameOf(scene))).toEqual({ missing: 1, watchedUntil: null });
    expect(await isHalted(first)).toBe(true);
    const done = await resumeAgent(await as('admin'), nameOf(scene));
    expect(done).toMatchObject({ missing: 0, watchedUntil: expect.any(String) });
    expect(await isHalted(first)).toBe(false);
    expect(await isHalted(other)).toBe(true);
    expect(await auditOf('stop.resume_requested')).toHaveLength(2);
    expect(await auditOf('stop.resumed')).toMatchObject([
      { cause: 'the cause is gone', detail: { agent: first.id, needed: 2 } },
    ]);
  });

  it('finishes, at the second call, the drain of one held again that a dead process left', async () => {
    const scene = await makeScene();
    await resumeFirst(scene);
    const ctx = await scene.as('responder');
    await holdAgain(ctx, nameOf(scene));
    await bed.admin`update stops set state = 'draining', acknowledged_at = null
      where id = ${uuidOf(scene.placed.id)}`;
    expect(await holdAgain(ctx, nameOf(scene))).toEqual({ changed: false, state: 'active' });
    expect(await readStop(ctx, scene.placed.id)).toMatchObject({ state: 'active' });
    expect(await scene.auditOf('stop.held_again')).toHaveLength(1);
    expect(await scene.auditOf('stop.acknowledged')).toHaveLength(3);
  });

  it('counts the stop as lifted then: what was issued before stays dead', async () => {
    const scene = await makeScene();
    await resumeFirst(scene);
    const { ctx } = scene.first;
    const asked = new Date(Date.now() - 60_000).toISOString();
    const coverage = await withRead(ctx, async (tx) =>
      readCoverage(tx, ctx, await agentSubject(tx, ctx), asked),
    );
    expect(coverage.standing).toBeNull();
    expect(coverage.lastEpoch).toBe(scene.placed.epoch);
    expect(coverage.epoch).toBeGreaterThan(scene.placed.epoch);
    expect(coverage.spans).toMatchObject([{ untilMs: expect.any(Number) }]);
  });

  it('leaves another stop of the agent standing', async () => {
    const scene = await makeScene();
    const scope = { kind: 'agent', id: 'first' } as const;
    await placeStop(await scene.as('analyst'), { scope, level: 1, reason: 'its own' });
    await resumeFirst(scene);
    expect(await isHalted(scene.first)).toBe(true);
  });

  it('watches one at a time', async () => {
    const scene = await makeScene();
    await resumeFirst(scene);
    const again = resumeAgent(await scene.as('admin'), nameOf(scene));
    await expect(again).rejects.toMatchObject({ code: 'conflict', message: /works again already/ });
    const second = resumeAgent(await scene.as('admin'), nameOf(scene, scene.other.id));
    await expect(second).rejects.toMatchObject({ code: 'conflict', message: /still watched/ });
  });

  it('is refused to who may not lift, for a foreign stop or agent, and for a stop of one thing', async () => {
    const [mine, foreign] = [await makeScene(), await makeScene()];
    const { as, tenant } = mine;
    for (const role of ['viewer', 'analyst', 'reviewer', 'auditor'] as const) {
      await expect(resumeAgent(await as(role), nameOf(mine))).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    const service = makeCtx(bed.app, tenant.id, keyActor('service'));
    await expect(resumeAgent(service, nameOf(mine))).rejects.toMatchObject({ code: 'forbidden' });
    const admin = await as('admin');
    await expect(resumeAgent(admin, nameOf(foreign))).rejects.toMatchObject({ code: 'not_found' });
    for (const agentId of [foreign.first.id, newId('agent'), 'first', '']) {
      await expect(resumeAgent(admin, nameOf(mine, agentId))).rejects.toMatchObject({
        code: 'unprocessable',
      });
    }
    const scope = { kind: 'agent', id: 'first' } as const;
    const { id } = await placeStop(admin, { scope, level: 1, reason: 'one' });
    await expect(resumeAgent(admin, { ...nameOf(mine), id })).rejects.toMatchObject({
      code: 'unprocessable',
    });
  });
});

describe('an agent that went first', () => {
  it('is held again when somebody presses stop once more, and needs two people anew', async () => {
    const scene = await makeScene();
    const { as, first, placed, auditOf } = scene;
    await resumeFirst(scene);
    const pressed = await placeStop(await as('analyst'), {
      scope: { kind: 'tenant' },
      level: 1,
      reason: 'it begins again',
    });
    expect(pressed).toMatchObject({ id: placed.id, changed: true, state: 'active' });
    expect(pressed.epoch).toBeGreaterThan(placed.epoch);
    expect(await isHalted(first)).toBe(true);
    expect(await readStop(await as('viewer'), placed.id)).toMatchObject({ level: 2 });
    expect(await auditOf('stop.repeated')).toMatchObject([
      { detail: { changed: true, heldAgain: [first.id] } },
    ]);
    expect(await resumeAgent(await as('admin'), nameOf(scene))).toMatchObject({ missing: 1 });
  });

  it('is held again by whoever may stop, with proof, once', async () => {
    const scene = await makeScene();
    const { as, first, other, auditOf } = scene;
    await resumeFirst(scene);
    await expect(holdAgain(await as('auditor'), nameOf(scene))).rejects.toMatchObject({
      code: 'forbidden',
    });
    const stranger = await makeScene();
    await expect(holdAgain(await stranger.as('admin'), nameOf(scene))).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await isHalted(first)).toBe(false);
    const analyst = await as('analyst');
    expect(await holdAgain(analyst, nameOf(scene, other.id))).toMatchObject({ changed: false });
    expect(await holdAgain(analyst, nameOf(scene))).toEqual({ changed: true, state: 'active' });
    expect(await holdAgain(analyst, nameOf(scene))).toEqual({ changed: false, state: 'active' });
    expect(await isHalted(first)).toBe(true);
    expect(await auditOf('stop.held_again')).toMatchObject([{ detail: { agents: [first.id] } }]);
  });

  it('passes no gate from the acknowledgement on, with sixteen callers at it', async () => {
    const scene = await makeScene();
    const { first, as } = scene;
    await resumeFirst(scene);
    const analyst = await as('analyst');
    const subject = { agentId: first.id, environment: null, sessionId: null, tool: 'send_money' };
    let isOver = false;
    let refused = 0;
    const passedMs: number[] = [];
    const caller = async () => {
      while (!isOver) {
        try {
          passedMs.push(await withGate(first.ctx, subject, clockOf));
        } catch (error) {
          if ((error as { code?: string }).code !== 'halted') throw error;
          refused += 1;
        }
      }
    };
    const callers = Array.from({ length: 16 }, caller);
    await expect.poll(() => passedMs.length, { timeout: 20_000 }).toBeGreaterThan(30);
    await holdAgain(analyst, nameOf(scene));
    const { acknowledgedAt } = await readStop(analyst, scene.placed.id);
    const heldAtMs = Date.parse(acknowledgedAt ?? '');
    const refusedBefore = refused;
    await expect.poll(() => refused - refusedBefore, { timeout: 20_000 }).toBeGreaterThan(64);
    isOver = true;
    await Promise.all(callers);
    expect(passedMs.filter((ms) => ms > heldAtMs + 1)).toEqual([]);
  });

  it('is let go with the others by the lift', async () => {
    const scene = await makeScene();
    await resumeFirst(scene);
    const { id } = scene.placed;
    await liftStop(await scene.as('responder'), id, 'over');
    expect(await liftStop(await scene.as('admin'), id, 'over')).toMatchObject({ state: 'lifted' });
    expect(await isHalted(scene.first)).toBe(false);
    expect(await isHalted(scene.other)).toBe(false);
    await expect(holdAgain(await scene.as('admin'), nameOf(scene))).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});
