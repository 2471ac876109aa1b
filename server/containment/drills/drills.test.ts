import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { changeAgent } from '#server/agents/change-agent.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { answerStop } from '#server/containment/answer-stop.ts';
import { noteHeartbeat } from '#server/containment/note-heartbeat.ts';
import { createDetector } from '#server/detection/detector.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { readStop } from '#server/gate/queries.ts';
import { withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeCtx, makePerson } from '#server/testing/factories.ts';
import { makeLeaseScene } from '#server/testing/lease-scene.ts';
import { makeRevocationScene, serveVaultStub } from '#server/testing/revocation-scene.ts';
import { planDrills } from './plan-drills.ts';
import { listPracticeCredentials } from './practice-credentials.ts';
import { listDrills, readDrill, readDrillPlan } from './queries.ts';
import { createDrillRunner } from './run-drills.ts';
import { startDrill } from './start-drill.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });

type LeaseScene = Awaited<ReturnType<typeof makeLeaseScene>>;

/** The lease scene's agent, marked for drills, with the rules, a worker's runner and its detector. */
const makeScene = async () => onDrills(await makeLeaseScene(bed));

async function onDrills<Scene extends LeaseScene>(scene: Scene) {
  const { tenant, payer, admin } = scene;
  const agentId = payer.agent?.id ?? '';
  const owner = makeCtx(bed.owner, tenant.id, scene.cli.actor);
  await withTransaction(owner, (tx) => seedRules(tx, owner));
  await changeAgent(admin, { id: agentId, isDrill: true });
  await noteHeartbeat(payer.ctx, {
    instanceId: 'pod-1',
    capabilities: ['control'],
    inFlight: [],
    sessions: [],
  });
  const runner = createDrillRunner({ db: bed.worker, log });
  const viewer = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['viewer']));
  return {
    ...scene,
    agentId,
    viewer,
    pass: runner.pass,
    detect: () => drainTail(bed, createDetector({ log })),
    start: (isHandsOn = false, credentialId: string | null = null) =>
      startDrill(scene.responder, { agentId, isHandsOn, credentialId, trigger: 'person' }),
    auditOf: (action: string) => bed.admin`select subject_id, detail from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = ${action} order by seq`,
    alertsOf:
      () => bed.admin`select r.slug from alerts a join rules r on r.tenant_id = a.tenant_id and r.id = a.rule_id
      where a.tenant_id = ${uuidOf(tenant.id)} order by a.opened_at`,
  };
}

describe('a drill', () => {
  it('goes the way of an emergency: alert, stop, leases, quiet; and ends with a person’s lift', async () => {
    const { responder, payer, start, pass, detect, take, ask, auditOf } = await makeScene();
    const { token } = await take();
    const id = await start();
    const drill = () => readDrill(responder, id);
    await pass();
    expect(await drill()).toMatchObject({ detectedAt: null, stopId: null });
    await pass();
    expect((await drill()).stopId, 'it waits for its alert').toBeNull();
    await detect();
    await pass();
    await pass();
    const stopped = await drill();
    expect(stopped).toMatchObject({ leasesEnded: 1, stoppedBy: 'system:drill', confirmedAt: null });
    expect(stopped.alertId).toMatch(/^alr_/);
    expect(stopped.measures.revoke).toBeGreaterThanOrEqual(0);
    expect(await ask(token)).toMatchObject({ active: false });
    expect(await readStop(responder, stopped.stopId ?? '')).toMatchObject({
      state: 'active',
      level: 2,
      scope: { kind: 'agent', label: 'payer' },
    });
    await pass();
    expect((await drill()).confirmedAt, 'nobody said that it is quiet').toBeNull();
    await answerStop(payer.ctx, {
      stopId: stopped.stopId ?? '',
      instanceId: 'pod-1',
      state: 'stopped',
      inFlight: 0,
    });
    await pass();
    expect((await drill()).measures.confirm).toBeGreaterThan(0);
    await pass();
    expect(await drill(), 'it never lifts').toMatchObject({ ended: null, liftedAt: null });
    await liftStop(responder, stopped.stopId ?? '', 'drill is over');
    await pass();
    const done = await drill();
    expect(done.ended).toBe('done');
    const { provider, ...measures } = done.measures;
    expect(Object.values(measures).every((one) => one !== null && one >= 0)).toBe(true);
    expect([provider, done.credential], 'none was chosen').toEqual([null, null]);
    expect(await auditOf('drill.started')).toMatchObject([{ subject_id: id }]);
    expect(await auditOf('drill.ended')).toMatchObject([
      { subject_id: id, detail: { how: 'done' } },
    ]);
    expect(await listDrills(responder)).toEqual([done]);
  });

  it('leaves the stop to people where it is hands-on, and shows nothing that did not happen', async () => {
    const { responder, start, pass, detect, agentId } = await makeScene();
    const id = await start(true);
    await pass();
    await detect();
    await pass();
    await pass();
    expect(await readDrill(responder, id)).toMatchObject({ stopId: null, stoppedBy: null });
    const { id: stopId } = await placeStop(responder, {
      scope: { kind: 'agent', id: agentId },
      level: 2,
      reason: 'by hand',
    });
    await pass();
    await pass();
    await liftStop(responder, stopId, 'over');
    await pass();
    const { measures, ended, leasesEnded } = await readDrill(responder, id);
    expect({ ended, leasesEnded }).toEqual({ ended: 'done', leasesEnded: 0 });
    expect(measures).toMatchObject({ revoke: null, confirm: null });
    expect(measures.decide).toBeGreaterThan(0);
  });

  it('is for marked agents alone, one at a time, and never over a stop that stands', async () => {
    const { admin, responder, start, agentId, tenant } = await makeScene();
    for (const role of ['viewer', 'analyst', 'reviewer', 'auditor'] as const) {
      const ctx = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, [role]));
      const wish = { agentId, isHandsOn: false, credentialId: null, trigger: 'person' } as const;
      await expect(startDrill(ctx, wish)).rejects.toMatchObject({ code: 'forbidden' });
    }
    const stranger = await makeScene();
    const across = {
      agentId: stranger.agentId,
      isHandsOn: false,
      credentialId: null,
      trigger: 'person',
    } as const;
    await expect(startDrill(responder, across)).rejects.toMatchObject({ code: 'not_found' });
    const { id } = await placeStop(responder, {
      scope: { kind: 'tree', id: agentId },
      level: 1,
      reason: 'in earnest',
    });
    await expect(start()).rejects.toThrow(/stands/);
    await bed.admin`update instance_beats set beat_at = now() - interval '2 days'
      where tenant_id = ${uuidOf(tenant.id)}`;
    await liftStop(responder, id, 'over');
    await changeAgent(admin, { id: agentId, isDrill: false });
    await expect(start()).rejects.toThrow(/not marked/);
    await expect(planDrills(admin, { agentId, intervalDays: 7 })).rejects.toThrow(/not marked/);
    await changeAgent(admin, { id: agentId, isDrill: true });
    await expect(start()).rejects.toThrow(/nothing to measure/);
    await bed.admin`update instance_beats set beat_at = now() where tenant_id = ${uuidOf(tenant.id)}`;
    const started = await Promise.allSettled(Array.from({ length: 8 }, () => start()));
    expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(
      readDrill(stranger.responder, (await listDrills(responder))[0]?.id ?? ''),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('the practice credential of a drill', () => {
  const ref = 'database/creds/practice/1';

  async function makePracticeScene() {
    const vault = await serveVaultStub('hvs.test', [ref]);
    const scene = await onDrills(await makeRevocationScene(bed, [vault.host]));
    const settings = { adapter: 'vault', address: vault.url, namespace: null } as const;
    const { id: providerId } = await scene.addAt('vault', settings, 'hvs.test');
    const kept = { kind: 'vault_lease', providerId, externalRef: ref } as const;
    const practice = await scene.add({ name: 'practice', ...kept });
    return { ...scene, vault, kept, practice };
  }

  it('is revoked at its provider after the stop, and measured by the proof alone', async () => {
    const { responder, start, pass, detect, work, practice, vault, agentId } =
      await makePracticeScene();
    expect(await listPracticeCredentials(responder, agentId)).toEqual([
      { id: practice.id, name: 'practice', provider: 'vault' },
    ]);
    const id = await start(false, practice.id);
    const drill = () => readDrill(responder, id);
    await pass();
    await detect();
    await work();
    expect(vault.leases.has(ref), 'nothing is revoked before the stop').toBe(true);
    await pass();
    await pass();
    const asked = await drill();
    expect(asked.measures.provider, 'asked for is not revoked').toBeNull();
    expect(asked.credential).toMatchObject({ name: 'practice', says: 'Waits for a worker.' });
    await work();
    expect(vault.leases.has(ref)).toBe(false);
    expect((await drill()).measures.provider).toBeGreaterThan(0);
    expect(await listPracticeCredentials(responder, agentId)).toEqual([]);
    expect(await listPracticeCredentials((await makeScene()).responder, agentId)).toEqual([]);
  });

  it('is one that nothing in earnest hangs on, at the start and at the revocation', async () => {
    const { responder, viewer, cli, start, add, kept, credential, practice, agentId, ...scene } =
      await makePracticeScene();
    await expect(listPracticeCredentials(viewer, agentId)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await issueKey(cli, { kind: 'agent', name: 'key', agent: 'in-earnest' });
    const shared = await add({ name: 'shared', ...kept, holders: ['payer', 'in-earnest'] });
    const others = await add({ name: 'others', ...kept, holders: ['in-earnest'] });
    const parent = await add({ name: 'parent', ...kept });
    await add({ name: 'child', ...kept, parentId: parent.id, holders: ['in-earnest'] });
    for (const { id } of [shared, others, parent, credential]) {
      await expect(start(false, id)).rejects.toMatchObject({ code: 'conflict' });
    }
    const id = await start(false, practice.id);
    await scene.pass();
    await scene.detect();
    // Given to an agent in earnest meanwhile: the drill leaves it alone, and says so.
    await bed.admin`insert into credential_holders (tenant_id, credential_id, agent_id)
      select tenant_id, ${uuidOf(practice.id)}, id from agents
      where tenant_id = ${uuidOf(scene.tenant.id)} and slug = 'in-earnest'`;
    await scene.pass();
    await scene.pass();
    await scene.work();
    const { measures, credential: left } = await readDrill(responder, id);
    expect([measures.provider, left?.says]).toEqual([null, null]);
    expect(scene.vault.leases.has(ref)).toBe(true);
  });
});

describe('the plan', () => {
  it('begins what is due by itself, and says once that it is overdue', async () => {
    const { admin, responder, agentId, pass, detect, tenant, alertsOf, auditOf } =
      await makeScene();
    await expect(planDrills(responder, { agentId, intervalDays: 7 })).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await readDrillPlan(responder)).toBeNull();
    await planDrills(admin, { agentId, intervalDays: 7 });
    expect(await auditOf('drill.planned')).toHaveLength(1);
    await pass();
    expect(await listDrills(responder)).toEqual([]);
    const setBack = (days: number) => bed.admin`update drill_plans
      set set_at = now() - make_interval(days => ${days}) where tenant_id = ${uuidOf(tenant.id)}`;
    await setBack(7);
    await pass();
    await pass();
    expect(await listDrills(responder)).toMatchObject([
      { trigger: 'schedule', startedBy: 'system:drill' },
    ]);
    expect(await readDrillPlan(responder)).toMatchObject({ isOverdue: false, lastDoneAt: null });
    await setBack(9);
    await pass();
    await pass();
    await detect();
    expect((await alertsOf()).map((row) => row['slug'] as string).sort()).toEqual([
      'drill-overdue',
      'drill-signal',
    ]);
    expect(await readDrillPlan(responder)).toMatchObject({ isOverdue: true });
  });
});
