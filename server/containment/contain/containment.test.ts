import { describe, expect, it } from 'vitest';
import { placeStop } from '#server/gate/place-stop.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { createLog } from '#server/kernel/log.ts';
import { authenticateKey, forgetKeyVerdicts } from '#server/auth/authenticate-key.ts';
import { changeAgent } from '#server/agents/change-agent.ts';
import { sha256Hex } from '#server/kernel/hash.ts';
import { canonicalise } from '#server/permits/canonicalise.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import {
  keyActor,
  makeCtx,
  makeListeningWeb,
  makePerson,
  makeTenant,
} from '#server/testing/factories.ts';
import { makeRevocationScene, serveVaultStub } from '#server/testing/revocation-scene.ts';
import { readStopDetail } from '../read-ladder.ts';
import { readStanding } from '../read-standing.ts';
import { containAgent } from './begin-containment.ts';
import { confirmContainment } from './confirm-containment.ts';
import { placeStopOfLevel } from './contain-stop.ts';
import { containInput } from './contract.ts';
import { finishContainments } from './finish-containments.ts';
import { previewContainment } from './preview-containment.ts';
import { findContainment, readContainment } from './read-containment.ts';
import { releaseContainment } from './release-containment.ts';

const bed = openTestDatabase();
const log = createLog('fatal', 'test');
const vaultToken = 'hvs.contain';
const wish = (change = {}) => containInput.parse({ agent: 'payer', reason: 'hijacked', ...change });

/** An agent with a lease of a credential at a Vault, and one that nobody can be asked about. */
async function makeScene() {
  const vault = await serveVaultStub(vaultToken, ['database/creds/app/1']);
  const scene = await makeRevocationScene(bed, [vault.host]);
  await makeListeningWeb(bed, 3600);
  const provider = await scene.addAt(
    'vault',
    { adapter: 'vault', address: vault.url, namespace: null },
    vaultToken,
  );
  const atVault = await scene.add({
    name: 'database',
    tool: 'query',
    kind: 'vault_lease',
    providerId: provider.id,
    externalRef: 'database/creds/app/1',
  });
  const lease = await scene.take();
  const agentId = scene.payer.agent?.id ?? '';
  const tenantId = uuidOf(scene.tenant.id);
  const as = async (...roles: Parameters<typeof makePerson>[2]): Promise<Ctx> =>
    makeCtx(bed.app, scene.tenant.id, await makePerson(bed, scene.tenant.id, roles));
  const system = makeCtx(bed.worker, scene.tenant.id, { type: 'system', name: 'system:rule' });
  /** One instance that is heard and has been silent for long enough, as if the stop stood for a minute. */
  const age = () => bed.admin`with beat as (
      insert into instance_beats (tenant_id, agent_id, instance_id, beat_at)
      values (${tenantId}, ${uuidOf(agentId)}, 'pod-1', now())
      on conflict do nothing)
    update stops set placed_at = placed_at - interval '1 minute' where tenant_id = ${tenantId}`;
  const auditOf = (action: string) => bed.admin`select actor_type, actor_label, subject_id, cause,
    detail from audit_log where tenant_id = ${tenantId} and action = ${action} order by seq`;
  const row = async (id: string) => {
    const [found] = await bed.admin`select * from containments where id = ${uuidOf(id)}`;
    return found ?? {};
  };
  const stateOf = (items: readonly { kind: string; name: string; state: string }[]) =>
    Object.fromEntries(items.map((one) => [`${one.kind} ${one.name}`.trim(), one.state]));
  return { ...scene, vault, atVault, lease, agentId, as, system, age, auditOf, row, stateOf };
}

describe('containAgent', () => {
  it('names no alert that the tenant does not have', async () => {
    const scene = await makeScene();
    for (const alertId of ['alr_1', newId('alert')])
      await expect(containAgent(scene.responder, wish({ alertId }))).rejects.toMatchObject({
        code: 'not_found',
      });
    expect(await scene.auditOf('containment.begun')).toEqual([]);
  });

  it('stops, locks, holds evidence and cuts, and says of each only what is proven', async () => {
    const scene = await makeScene();
    const { responder, work, stateOf, age } = scene;
    expect(await scene.ask(scene.lease.token)).toMatchObject({ active: true });
    const { id, isNew } = await containAgent(responder, wish());
    expect(isNew).toBe(true);
    // Nothing was asked of a provider yet.
    const begun = await readContainment(responder, id);
    expect(begun.state).toBe('working');
    expect(stateOf(begun.items)).toEqual({
      stop: 'confirmed',
      lock: 'confirmed',
      evidence: 'confirmed',
      leases: 'confirmed',
      'credential database': 'requested',
      'credential files': 'requested',
      instances: 'unverifiable',
    });
    expect(await scene.ask(scene.lease.token)).toEqual({ active: false });
    await expect(scene.take()).rejects.toMatchObject({ code: 'halted' });
    forgetKeyVerdicts(bed.app);
    await expect(authenticateKey(bed.app, `Bearer ${scene.payer.key}`)).rejects.toMatchObject({
      code: 'unauthenticated',
    });

    await work();
    await age();
    const after = await readContainment(responder, id);
    // One outcome a provider: proven there, unknown where nobody can be asked.
    expect(stateOf(after.items)).toMatchObject({
      'credential database': 'confirmed',
      'credential files': 'unverifiable',
      instances: 'confirmed',
    });
    expect(after.state).toBe('unproven');
    expect(scene.vault.leases.size).toBe(0);
    expect(await scene.auditOf('containment.begun')).toMatchObject([
      { actor_type: 'person', subject_id: id, cause: 'hijacked' },
    ]);
    expect(await scene.auditOf('agent.locked')).toMatchObject([{ subject_id: scene.agentId }]);
    await scene.vault.close();
  });

  it('is contained once everything is proven, and not a moment before', async () => {
    const scene = await makeScene();
    await bed.admin`delete from credential_holders where credential_id = ${uuidOf(scene.credential.id)}`;
    const { id } = await containAgent(scene.responder, wish());
    await scene.age();
    expect((await readContainment(scene.responder, id)).state).toBe('working');
    scene.vault.broken = 500;
    await scene.work();
    expect((await readContainment(scene.responder, id)).state).toBe('working');
    await scene.work(true);
    const failed = await readContainment(scene.responder, id);
    expect(failed.state).toBe('unproven');
    expect(scene.stateOf(failed.items)['credential database']).toBe('failed');
    // Given up by the worker; a person has it tried again where it is shown.
    scene.vault.broken = null;
    await bed.admin`update revocations set next_attempt_at = now(), attempts = 0
      where credential_id = ${uuidOf(scene.atVault.id)} and target = 'provider'`;
    await scene.work();
    const contained = await readContainment(scene.responder, id);
    expect(contained).toMatchObject({ state: 'contained', proven: contained.items.length });
    await scene.vault.close();
  });

  it('holds evidence before it cuts, unless data is leaving', async () => {
    for (const isExfiltration of [false, true]) {
      const scene = await makeScene();
      const { id } = await containAgent(scene.responder, wish({ isExfiltration }));
      const [order] = await bed.admin`select evidence_at < cut_at as is_evidence_first
        from containments where id = ${uuidOf(id)}`;
      expect(order).toEqual({ is_evidence_first: !isExfiltration });
      const { evidence, evidence_digest: digest } = await scene.row(id);
      expect(digest).toBe(sha256Hex(canonicalise(evidence)));
      expect(evidence).toMatchObject({
        scope: { kind: 'agent', id: scene.agentId },
        held: { leases: { count: 1 }, credentials: { count: 2 }, latestEvents: { count: 0 } },
      });
      expect(JSON.stringify(evidence)).not.toContain(scene.lease.token);
      expect(await scene.auditOf('containment.evidence_held')).toMatchObject([
        { detail: { digest } },
      ]);
      await scene.vault.close();
    }
  });

  it('changes nothing at a second press, and one wins of eight', async () => {
    const scene = await makeScene();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => containAgent(scene.responder, wish())),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
    const [counts] = await bed.admin`select
      (select count(*) from stops where tenant_id = ${uuidOf(scene.tenant.id)})::int as stops,
      (select count(*) from revocations where tenant_id = ${uuidOf(scene.tenant.id)})::int as parts`;
    expect(counts).toEqual({ stops: 1, parts: 4 });
    await scene.vault.close();
  });

  it('does again what no longer holds', async () => {
    const scene = await makeScene();
    const { id } = await containAgent(scene.responder, wish());
    await changeAgent(scene.admin, { id: scene.agentId, state: 'active' });
    await scene.add({ name: 'later', tool: 'later' });
    const undone = scene.stateOf((await readContainment(scene.responder, id)).items);
    expect(undone).toMatchObject({ lock: 'undone', 'credential later': 'person' });
    expect(await containAgent(scene.responder, wish())).toEqual({ id, isNew: false });
    const again = scene.stateOf((await readContainment(scene.responder, id)).items);
    expect(again).toMatchObject({ lock: 'confirmed', 'credential later': 'requested' });
    expect(await scene.auditOf('containment.repeated')).toHaveLength(1);
    await scene.vault.close();
  });

  it('takes an earlier word for no credential that came since, whoever presses without the right', async () => {
    const scene = await makeScene();
    const { id } = await containAgent(scene.responder, wish());
    await scene.add({ name: 'later', tool: 'later' });
    await changeAgent(scene.admin, { id: scene.agentId, state: 'active' });
    expect(await containAgent(scene.system, wish())).toEqual({ id, isNew: false });
    const items = scene.stateOf((await readContainment(scene.responder, id)).items);
    expect(items).toMatchObject({ lock: 'confirmed', 'credential later': 'person' });
    await scene.vault.close();
  });

  it('is for responders and administrators of the tenant', async () => {
    const scene = await makeScene();
    for (const role of ['viewer', 'analyst', 'reviewer', 'auditor'] as const) {
      await expect(containAgent(await scene.as(role), wish())).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    for (const kind of ['agent', 'service', 'enforcer', 'ingest'] as const) {
      const key = makeCtx(bed.app, scene.tenant.id, keyActor(kind));
      await expect(containAgent(key, wish())).rejects.toMatchObject({ code: 'forbidden' });
    }
    const other = await makeTenant(bed);
    const stranger = makeCtx(bed.app, other.id, await makePerson(bed, other.id, ['responder']));
    for (const agent of ['payer', scene.agentId]) {
      await expect(containAgent(stranger, wish({ agent }))).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    const { id } = await containAgent(scene.responder, wish());
    for (const call of [
      () => readContainment(stranger, id),
      () => confirmContainment(stranger, id),
      () => releaseContainment(stranger, id, 'x'),
      () => previewContainment(stranger, 'payer'),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await findContainment(stranger, { agent: scene.agentId })).toBeNull();
    await scene.vault.close();
  });

  it('says before what it would cut', async () => {
    const scene = await makeScene();
    await scene.keyOf({ agent: 'helper' });
    await scene.add({ name: 'common', tool: 'mail', holders: ['payer', 'helper'] });
    expect(await previewContainment(await scene.as('analyst'), 'payer')).toMatchObject({
      agent: 'payer',
      isActive: true,
      liveLeases: 1,
      pendingActions: 0,
      releasers: 2,
      credentials: [
        { name: 'common', sharedWith: ['helper'] },
        { name: 'database', provider: 'vault', sharedWith: [] },
        { name: 'files', provider: null },
      ],
    });
    await scene.vault.close();
  });
});

describe('a containment that nobody with the right began', () => {
  it('does what can be undone, and waits for a person with the rest', async () => {
    const scene = await makeScene();
    const { id } = await containAgent(scene.system, wish());
    const waiting = await readContainment(scene.responder, id);
    expect(waiting).toMatchObject({ state: 'person', confirmedBy: null });
    expect(scene.stateOf(waiting.items)).toMatchObject({
      stop: 'confirmed',
      lock: 'confirmed',
      evidence: 'confirmed',
      leases: 'confirmed',
      'credential database': 'person',
    });
    await finishContainments(bed.worker, log);
    expect(await scene.auditOf('credential.revoke_requested')).toEqual([]);
    // Everybody is told on every page until somebody has taken it on.
    expect(await readStanding(await scene.as('viewer'))).toMatchObject([{ isCutWaiting: true }]);
    for (const role of ['viewer', 'analyst', 'reviewer', 'auditor'] as const) {
      await expect(confirmContainment(await scene.as(role), id)).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    await expect(confirmContainment(scene.system, id)).rejects.toMatchObject({ code: 'forbidden' });
    await confirmContainment(scene.responder, id);
    expect(await readStanding(scene.responder)).toMatchObject([{ isCutWaiting: false }]);
    await scene.work();
    const cut = await readContainment(scene.responder, id);
    expect(scene.stateOf(cut.items)['credential database']).toBe('confirmed');
    expect(await scene.auditOf('containment.confirmed')).toMatchObject([{ subject_id: id }]);
    await expect(confirmContainment(scene.responder, id)).rejects.toMatchObject({
      code: 'conflict',
    });
    await scene.vault.close();
  });
});

describe('finishContainments', () => {
  const steps = ['stop_id', 'locked_at', 'evidence_at', 'cut_at'] as const;
  it.each(steps.map((step, index) => [step, index] as const))(
    'goes on after a crash before %s',
    async (_step, index) => {
      const scene = await makeScene();
      const { id } = await containAgent(scene.responder, wish());
      // As it lies in the table when the process died there: this step and all later ones are missing.
      const missing = steps.slice(index).map((column) => `${column} = null`);
      await bed.admin.unsafe(`update containments set ${missing.join(', ')}, carried_out_at = null,
        requested_at = requested_at - interval '1 minute' where id = '${uuidOf(id)}'`);
      await finishContainments(bed.worker, log);
      const row = await scene.row(id);
      for (const step of steps) expect(row[step], step).not.toBeNull();
      expect(row['carried_out_at']).not.toBeNull();
      const [stops] = await bed.admin`select count(*)::int as n from stops
        where tenant_id = ${uuidOf(scene.tenant.id)}`;
      expect(stops).toEqual({ n: 1 });
      await scene.vault.close();
    },
  );

  it('begins what the process of a stop could not, without anybody’s right', async () => {
    const scene = await makeScene();
    const stop = await placeStop(scene.responder, {
      scope: { kind: 'agent', id: 'payer' },
      level: 3,
      reason: 'leak',
    });
    await bed.admin`update stops set placed_at = placed_at - interval '1 minute'
      where id = ${uuidOf(stop.id)}`;
    await finishContainments(bed.worker, log);
    const found = await findContainment(scene.responder, { stopId: stop.id });
    expect(found).toMatchObject({ state: 'person', agent: null, level: 3 });
    await scene.vault.close();
  });

  it('holds evidence for a stop whose process died when it had raised it', async () => {
    const scene = await makeScene();
    const press = (level: number) =>
      ({ scope: { kind: 'agent', id: 'payer' }, level, reason: 'leak' }) as const;
    const { id: stopId } = await placeStopOfLevel(scene.responder, press(3));
    await placeStop(scene.responder, press(4));
    await bed.admin`update stops set placed_at = placed_at - interval '1 minute'
      where id = ${uuidOf(stopId)}`;
    await finishContainments(bed.worker, log);
    const [row] = await bed.admin`select level, evidence_at is not null as is_held
      from containments where stop_id = ${uuidOf(stopId)}`;
    expect(row).toEqual({ level: 4, is_held: true });
    await scene.vault.close();
  });
});

describe('releaseContainment', () => {
  it('makes the agent active and lifts its stop; what was revoked stays so', async () => {
    const scene = await makeScene();
    const { id } = await containAgent(scene.responder, wish());
    await expect(
      releaseContainment(await scene.as('analyst'), id, 'false alarm'),
    ).rejects.toMatchObject({ code: 'forbidden' });
    await releaseContainment(scene.responder, id, 'false alarm');
    const [agent] = await bed.admin`select state from agents where id = ${uuidOf(scene.agentId)}`;
    expect(agent).toEqual({ state: 'active' });
    const released = await readContainment(scene.responder, id);
    expect(released).toMatchObject({ state: 'released' });
    expect((await readStopDetail(scene.responder, released.stopId ?? '')).state).toBe('lifted');
    expect(await scene.auditOf('containment.released')).toMatchObject([{ subject_id: id }]);
    await expect(scene.take()).rejects.toMatchObject({ code: 'not_found' });
    await expect(releaseContainment(scene.responder, id, 'again')).rejects.toMatchObject({
      code: 'conflict',
    });
    // A new one can be begun, and is another.
    expect(await containAgent(scene.responder, wish())).toMatchObject({ isNew: true });
    await scene.vault.close();
  });

  it('leaves a stop and a lock that were there before', async () => {
    const scene = await makeScene();
    const before = await placeStop(scene.responder, {
      scope: { kind: 'agent', id: 'payer' },
      level: 1,
      reason: 'earlier',
    });
    await changeAgent(scene.admin, { id: scene.agentId, state: 'disabled' });
    const { id } = await containAgent(scene.responder, wish());
    const stop = await readStopDetail(scene.responder, before.id);
    expect(stop).toMatchObject({ level: 4, reason: 'earlier', state: 'active' });
    await releaseContainment(scene.responder, id, 'over');
    expect(await readStopDetail(scene.responder, before.id)).toMatchObject({ state: 'active' });
    const [agent] = await bed.admin`select state from agents where id = ${uuidOf(scene.agentId)}`;
    expect(agent).toEqual({ state: 'disabled' });
    await scene.vault.close();
  });
});

describe('a stop of level 3', () => {
  const scope = { kind: 'agent', id: 'payer' } as const;

  it('cuts what it covers, and shows an instance as cut on proof alone', async () => {
    const scene = await makeScene();
    await bed.admin`delete from credential_holders where credential_id = ${uuidOf(scene.credential.id)}`;
    const stop = await placeStopOfLevel(scene.responder, { scope, level: 3, reason: 'leak' });
    // An instance that is reached by nobody, so that silence proves nothing of it yet.
    await bed.admin`insert into instance_beats (tenant_id, agent_id, instance_id, beat_at)
      values (${uuidOf(scene.tenant.id)}, ${uuidOf(scene.agentId)}, 'pod-1', now() - interval '1 hour')`;
    const [before] = (await readStopDetail(scene.responder, stop.id)).ladder;
    expect(before).toMatchObject({ step: 'unreachable' });
    expect(before?.evidence).toMatch(/0 of 1 credential proven dead/);
    await scene.work();
    const after = await readStopDetail(scene.responder, stop.id);
    expect(after.ladder).toMatchObject([{ step: 'cut' }]);
    expect(after.counts).toMatchObject({ cut: 1 });
    expect(after.ladder[0]?.evidence).toMatch(/introspected, 0 live.*database.*refused by vault/);
    expect(await findContainment(scene.responder, { stopId: stop.id })).toMatchObject({
      state: 'contained',
      evidence: null,
    });
    await scene.vault.close();
  });

  it('waits with the cut for somebody who may, where whoever pressed may only stop', async () => {
    const scene = await makeScene();
    const callers = [
      await scene.as('analyst'),
      makeCtx(bed.app, scene.tenant.id, keyActor('service')),
    ];
    for (const ctx of callers) {
      const stop = await placeStopOfLevel(ctx, { scope, level: 3, reason: 'leak' });
      const found = await findContainment(scene.responder, { stopId: stop.id });
      expect(found).toMatchObject({ state: 'person' });
    }
    // Somebody who may presses the same stop: that is the confirmation.
    const stop = await placeStopOfLevel(scene.responder, { scope, level: 3, reason: 'leak' });
    expect(stop.changed).toBe(false);
    const found = await findContainment(scene.responder, { stopId: stop.id });
    expect(found).toMatchObject({ state: 'working' });
    // Which is no word for what came since: a service key may press again and again.
    await scene.add({ name: 'later', tool: 'later' });
    for (const ctx of callers) await placeStopOfLevel(ctx, { scope, level: 3, reason: 'leak' });
    const later = await findContainment(scene.responder, { stopId: stop.id });
    expect(scene.stateOf(later?.items ?? [])).toMatchObject({ 'credential later': 'person' });
    await scene.vault.close();
  });

  it('raises a stop of a lower level, never lowers one, and cuts nothing below', async () => {
    const scene = await makeScene();
    const first = await placeStopOfLevel(scene.responder, { scope, level: 2, reason: 'odd' });
    expect(await findContainment(scene.responder, { stopId: first.id })).toBeNull();
    const raised = await placeStopOfLevel(scene.responder, { scope, level: 4, reason: 'leak' });
    expect(raised).toMatchObject({ id: first.id, changed: true });
    const lower = await placeStopOfLevel(scene.responder, { scope, level: 1, reason: 'hm' });
    expect(lower).toMatchObject({ id: first.id, changed: false });
    const stop = await readStopDetail(scene.responder, first.id);
    expect(stop).toMatchObject({ level: 4, reason: 'odd' });
    expect(await scene.auditOf('stop.raised')).toMatchObject([{ detail: { from: 2, to: 4 } }]);
    const found = await findContainment(scene.responder, { stopId: first.id });
    expect(found?.evidence).not.toBeNull();
    await scene.vault.close();
  });

  it('cuts nothing any more once it was lifted', async () => {
    const scene = await makeScene();
    const stop = await placeStopOfLevel(await scene.as('analyst'), {
      scope,
      level: 3,
      reason: 'x',
    });
    await liftStop(scene.responder, stop.id, 'false alarm');
    const found = await findContainment(scene.responder, { stopId: stop.id });
    expect(found).toMatchObject({ state: 'released' });
    await confirmContainment(scene.responder, found?.id ?? '');
    expect(await scene.auditOf('credential.revoke_requested')).toEqual([]);
    await scene.vault.close();
  });

  it.each([
    ['tool', 'query', ['database']],
    ['environment', 'production', ['database', 'files']],
    ['tenant', '', ['database', 'files']],
  ] as const)('of a %s cuts what that covers', async (kind, id, names) => {
    const scene = await makeScene();
    const wide = kind === 'tenant' ? { kind } : { kind, id };
    await placeStopOfLevel(scene.responder, { scope: wide, level: 3, reason: 'leak' });
    const rows = await scene.auditOf('credential.revoke_requested');
    expect(rows.map((row) => (row['detail'] as { name: string }).name).toSorted()).toEqual(names);
    await scene.vault.close();
  });

  it('of a credential cuts that one', async () => {
    const scene = await makeScene();
    const one = { kind: 'credential', id: scene.atVault.id } as const;
    await placeStopOfLevel(scene.responder, { scope: one, level: 3, reason: 'leak' });
    const rows = await scene.auditOf('credential.revoke_requested');
    expect(rows).toMatchObject([{ subject_id: scene.atVault.id }]);
    await scene.vault.close();
  });
});
