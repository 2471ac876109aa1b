import { describe, expect, it } from 'vitest';
import { recordSpawns } from '#server/gate/record-spawn.ts';
import { holdAgain } from '#server/gate/hold-again.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { resumeAgent } from '#server/gate/resume-agent.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { makeRevocationScene, serveVaultStub } from '#server/testing/revocation-scene.ts';
import { readStopDetail } from '../read-ladder.ts';
import { readStanding } from '../read-standing.ts';
import { confirmContainment } from './confirm-containment.ts';
import { placeStopOfLevel } from './contain-stop.ts';
import { findContainment } from './read-containment.ts';

const bed = openTestDatabase();
const vaultToken = 'hvs.join';

/** A tree of which `payer` is the root, cut and proven; `late` holds a credential of its own outside it. */
async function makeScene() {
  const vault = await serveVaultStub(vaultToken, ['database/creds/1', 'database/creds/2']);
  const scene = await makeRevocationScene(bed, [vault.host]);
  const tenantId = uuidOf(scene.tenant.id);
  await bed.admin`delete from credential_holders where credential_id = ${uuidOf(scene.credential.id)}`;
  const provider = await scene.addAt(
    'vault',
    { adapter: 'vault', address: vault.url, namespace: null },
    vaultToken,
  );
  const addFor = (agent: string, name: string, at: number) =>
    scene.add({
      name,
      tool: name,
      kind: 'vault_lease',
      holders: [agent],
      providerId: provider.id,
      externalRef: `database/creds/${at}`,
    });
  const late = await scene.keyOf({ agent: 'late' });
  await addFor('payer', 'first', 1);
  await addFor('late', 'second', 2);
  const beat = (agentId: string) => bed.admin`insert into instance_beats
    (tenant_id, agent_id, instance_id, beat_at)
    values (${tenantId}, ${uuidOf(agentId)}, 'pod', now() - interval '1 hour')`;
  const [payerId, lateId] = [scene.payer.agent?.id ?? '', late.agent?.id ?? ''];
  await beat(payerId);
  await beat(lateId);
  const stop = await placeStopOfLevel(scene.responder, {
    scope: { kind: 'tree', id: 'payer' },
    level: 3,
    reason: 'leak',
  });
  await scene.work();
  const ingest = makeCtx(bed.app, scene.tenant.id, keyActor('ingest'));
  const join = () => recordSpawns(ingest, [{ parentId: payerId, childId: lateId }]);
  const steps = async () => {
    const { ladder } = await readStopDetail(scene.responder, stop.id);
    return Object.fromEntries(ladder.map((row) => [row.agent, row.step]));
  };
  const evidenceOf = async (agent: string) =>
    (await readStopDetail(scene.responder, stop.id)).ladder.find((row) => row.agent === agent)
      ?.evidence;
  const contained = async () => {
    const found = await findContainment(scene.responder, { stopId: stop.id });
    if (found === null) throw new Error('the stop has no containment');
    return found;
  };
  const cutOf = async (name: string) =>
    (await contained()).items.find((item) => item.name === name) ?? null;
  const isWaiting = async () => (await readStanding(scene.responder))[0]?.isCutWaiting;
  const auditOf = (action: string) => bed.admin`select actor_label, detail from audit_log
    where tenant_id = ${tenantId} and action = ${action} order by seq`;
  return {
    ...scene,
    lateId,
    vault,
    stop,
    join,
    steps,
    evidenceOf,
    contained,
    cutOf,
    isWaiting,
    auditOf,
  };
}

describe('an agent that joins a stopped tree after the cut', () => {
  it('is shown as not part of the cut, and waited for, until somebody cuts what it holds', async () => {
    const scene = await makeScene();
    expect(await scene.steps()).toEqual({ payer: 'cut' });
    expect(await scene.contained()).toMatchObject({ state: 'contained' });
    expect(await scene.isWaiting()).toBe(false);

    await scene.join();
    // Stopped at once, and nothing of it is called cut; nor does the first word hold for it.
    expect(await scene.steps()).toEqual({ payer: 'cut', late: 'unreachable' });
    expect(await scene.evidenceOf('late')).toMatch(
      /0 of 1 credential proven dead.*second: Not part of the cut at .* UTC/,
    );
    await scene.work();
    const { id, state } = await scene.contained();
    expect(state).toBe('person');
    expect(await scene.cutOf('first')).toMatchObject({ state: 'confirmed' });
    expect(await scene.cutOf('second')).toMatchObject({
      state: 'person',
      evidence: expect.stringMatching(/^Held by late\. Not part of the cut at/),
    });
    expect(await scene.isWaiting()).toBe(true);
    expect(scene.vault.leases).toEqual(new Set(['database/creds/2']));

    await confirmContainment(scene.responder, id);
    expect(await scene.isWaiting()).toBe(false);
    // Requested is no proof.
    expect(await scene.steps()).toEqual({ payer: 'cut', late: 'unreachable' });
    await scene.work();
    expect(await scene.steps()).toEqual({ payer: 'cut', late: 'cut' });
    expect(await scene.evidenceOf('late')).toMatch(/second: .*refused by vault/);
    expect(await scene.contained()).toMatchObject({ state: 'contained' });
    expect(await scene.auditOf('containment.confirmed')).toMatchObject([
      { detail: { isAgain: true } },
    ]);
    expect(await scene.auditOf('containment.cut')).toMatchObject([
      { detail: { credentials: 1, changed: 1 } },
      { detail: { credentials: 2, changed: 1 } },
    ]);
    await scene.vault.close();
  });

  it('is cut by those who may revoke, once, and only while something waits', async () => {
    const scene = await makeScene();
    const { id } = await scene.contained();
    const nothingWaits = { code: 'conflict' };
    await expect(confirmContainment(scene.responder, id)).rejects.toMatchObject(nothingWaits);
    await scene.join();
    for (const role of ['viewer', 'analyst', 'reviewer', 'auditor'] as const) {
      const person = await makePerson(bed, scene.tenant.id, [role]);
      const ctx = makeCtx(bed.app, scene.tenant.id, person);
      await expect(confirmContainment(ctx, id)).rejects.toMatchObject({ code: 'forbidden' });
    }
    const other = await makeTenant(bed);
    const stranger = makeCtx(bed.app, other.id, await makePerson(bed, other.id, ['responder']));
    await expect(confirmContainment(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
    const presses = await Promise.allSettled(
      Array.from({ length: 6 }, () => confirmContainment(scene.responder, id)),
    );
    expect(presses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await scene.auditOf('containment.confirmed')).toHaveLength(1);
    await scene.vault.close();
  });

  it('waits for no cut while it goes first out of the stop, and does once it is held again', async () => {
    const scene = await makeScene();
    await scene.join();
    const { id } = await scene.contained();
    expect(await scene.isWaiting()).toBe(true);
    const wanted = { id: scene.stop.id, agentId: scene.lateId, reason: 'it is clean' };
    await resumeAgent(scene.responder, wanted);
    expect(await scene.isWaiting()).toBe(false);
    expect(await scene.contained()).toMatchObject({ state: 'contained' });
    await expect(confirmContainment(scene.responder, id)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(scene.vault.leases).toEqual(new Set(['database/creds/2']));
    await holdAgain(scene.responder, wanted);
    expect(await scene.isWaiting()).toBe(true);
    await scene.vault.close();
  });

  it('keeps what it holds where the stop is lifted before', async () => {
    const scene = await makeScene();
    await scene.join();
    const { id } = await scene.contained();
    await liftStop(scene.responder, scene.stop.id, 'false alarm');
    await expect(confirmContainment(scene.responder, id)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(scene.vault.leases).toEqual(new Set(['database/creds/2']));
    await scene.vault.close();
  });
});
