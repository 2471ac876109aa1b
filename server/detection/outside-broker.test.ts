import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { markPending } from '#server/credentials/outside/mark-pending.ts';
import { recordDeadLease } from '#server/credentials/outside/note-dead-lease.ts';
import { createKeptSecretReader } from '#server/credentials/outside/read-kept-secrets.ts';
import { listCredentials, readCredential } from '#server/credentials/queries.ts';
import { hashLeaseToken } from '#server/credentials/lease-token.ts';
import { readLeaseByHash } from '#server/credentials/read-lease.ts';
import { createDetector } from '#server/detection/detector.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import { createHoldSweeper } from '#server/detection/sweep-hold.ts';
import { createIngest } from '#server/ingest/store-events.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import type { EventDraft } from '#server/telemetry/contract.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeDraft } from '#server/testing/event-factory.ts';
import { cliActor, makeCtx } from '#server/testing/factories.ts';
import { testMasterKey } from '#server/testing/hold-tools.ts';
import { makeLeaseScene, testBrokerTools } from '#server/testing/lease-scene.ts';
import { settleLog } from '#server/testing/settle-log.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });
const secret = 'plum-Tractor-ninety-north';
const list = { limit: 50, cursor: null };

async function makeScene() {
  const scene = await makeLeaseScene(bed);
  const tenantId = scene.tenant.id;
  const owner = makeCtx(bed.owner, tenantId, cliActor);
  await withTransaction(owner, (tx) => seedRules(tx, owner));
  const bank = await scene.add({ name: 'bank', tool: 'wire', secret, holders: ['payer'] });
  const ingest = createIngest({
    commit: createGroupCommit(bed.app.$client),
    derivationKey: testMasterKey,
    readCanaries: async () => null,
    readKept: createKeptSecretReader(testBrokerTools.markKeyOf, () => 0),
  });
  /** Events through the way of every door, as the holder of a key tells them. */
  const tell = async (ctx: Ctx, ...drafts: Partial<EventDraft>[]) => {
    const now = new Date().toISOString();
    const events = drafts.map((draft, index) => ({
      index,
      draft: makeDraft({ startedAt: now, endedAt: now, agent: 'payer', ...draft }),
      isAgentExplicit: true,
      spawned: null,
    }));
    expect(await ingest.store(ctx, events, 'reject')).toMatchObject({ rejected: [] });
  };
  const detect = () => drainTail(bed, createDetector({ log }));
  return { ...scene, bank, tenantId, tell, detect };
}
type Scene = Awaited<ReturnType<typeof makeScene>>;

const input = (value: string) => ({ ...makeDraft().body, input: { note: value } });
const alertsOf = (tenantId: TenantId, slug: string) =>
  bed.admin<{ values: string[]; events: string[] }[]>`
    select array(select jsonb_array_elements(a.explanation->'group')->>'value') as values,
      array(select event_id from alert_evidence e where e.alert_id = a.id order by event_id) as events
    from alerts a join rules r on r.id = a.rule_id
    where a.tenant_id = ${uuidOf(tenantId)} and r.slug = ${slug} order by a.id`;
const flagsOf = async ({ admin }: Scene, name: string) =>
  (await listCredentials(admin, list)).items.find((one) => one.name === name);

describe('the secret of a kept credential', () => {
  it('is replaced, told by its credential, flagged and alerted, and found in no table', async () => {
    const scene = await makeScene();
    const { tenantId, bank, tell, detect, admin } = scene;
    expect((await flagsOf(scene, 'bank'))?.flags).not.toContain('outside_broker');
    await tell(
      scene.payer.ctx,
      { id: 'used', name: 'http_post', body: input(`token ${secret}`) },
      { id: 'seen', kind: 'agent_message', body: input(Buffer.from(secret).toString('base64')) },
      { id: 'clean', body: input('plum tractor ninety north') },
    );
    await detect();
    expect(await flagsOf(scene, 'bank')).toMatchObject({
      flags: expect.arrayContaining(['outside_broker']) as unknown,
      outside: ['secret_in_arguments', 'secret_in_telemetry'],
    });
    expect((await flagsOf(scene, 'files'))?.outside).toEqual([]);
    const { sightings, secretWatch } = await readCredential(admin, bank.id);
    expect(secretWatch).toBe('watched');
    expect(new Set(sightings.map(({ evidence, eventId }) => `${evidence} ${eventId}`))).toEqual(
      new Set(['secret_in_arguments used', 'secret_in_telemetry seen']),
    );
    expect(sightings[0]).toMatchObject({ agent: 'payer', isVerified: true, times: 1 });
    expect(await alertsOf(tenantId, 'kept-secret-seen')).toEqual(
      expect.arrayContaining([
        { values: ['payer', bank.id, 'arguments'], events: ['used'] },
        { values: ['payer', bank.id, 'elsewhere'], events: ['seen'] },
      ]),
    );
    const kept = await bed.admin<{ text: string }[]>`
      select coalesce(b.body::text, '') || e.findings::text as text from events e
      left join event_bodies b
        on b.tenant_id = e.tenant_id and b.received_on = e.received_on and b.seq = e.seq
      where e.tenant_id = ${uuidOf(tenantId)}`;
    const marks = await bed.admin`select * from credential_marks
      where tenant_id = ${uuidOf(tenantId)}`;
    expect(kept).toHaveLength(3);
    expect(JSON.stringify([kept, marks])).not.toContain(secret);
  });

  it('is a claim where another key tells of it, and nothing to another tenant', async () => {
    const scene = await makeScene();
    const stranger = await makeScene();
    const ingestKey = await scene.keyOf({ kind: 'ingest', agent: null });
    await scene.tell(ingestKey.ctx, { id: 'claimed', body: input(secret) });
    await stranger.tell(stranger.payer.ctx, { id: 'theirs', body: input('nothing of it') });
    await scene.detect();
    const { sightings } = await readCredential(scene.admin, scene.bank.id);
    expect(sightings).toMatchObject([{ evidence: 'secret_in_arguments', isVerified: false }]);
    expect((await flagsOf(stranger, 'bank'))?.outside).toEqual([]);
    await expect(readCredential(stranger.admin, scene.bank.id)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(readCredential(scene.payer.ctx, scene.bank.id)).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(
      await withRead(stranger.admin, (tx) => tx.execute(`select 1 from credential_sightings`)),
    ).toEqual([]);
  });

  it('that came before anybody looked is marked by a worker; one too short is called so', async () => {
    const scene = await makeScene();
    const short = await scene.add({ name: 'short', tool: 'pin', secret: '4711' });
    expect((await readCredential(scene.admin, short.id)).secretWatch).toBe('untellable');
    await bed.admin`delete from credential_marks where tenant_id = ${uuidOf(scene.tenantId)}`;
    await bed.admin`update credentials set secret_watch = 'pending'
      where tenant_id = ${uuidOf(scene.tenantId)}`;
    const tools = { ...testBrokerTools, innerHosts: new Set<string>() };
    expect(await markPending(bed.worker, log, tools)).toBeGreaterThanOrEqual(3);
    const watches = await Promise.all(
      [scene.bank.id, short.id].map((id) => readCredential(scene.admin, id)),
    );
    expect(watches.map((one) => one.secretWatch)).toEqual(['watched', 'untellable']);
    await scene.tell(scene.payer.ctx, { id: 'later', body: input(secret) });
    await scene.detect();
    expect((await flagsOf(scene, 'bank'))?.outside).toEqual(['secret_in_arguments']);
  });
});

describe('a call of a brokered tool', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await makeScene();
    await bed.admin`update credentials set created_at = created_at - interval '1 hour'
      where tenant_id = ${uuidOf(scene.tenantId)}`;
  });

  it('is seen without a lease, and only where that is known', async () => {
    const { payer, take, tell, detect, tenantId } = scene;
    const helper = await scene.keyOf({ agent: 'helper' });
    const ingestKey = await scene.keyOf({ kind: 'ingest', agent: null });
    await take(payer.ctx, { tool: 'read_file' });
    await tell(
      payer.ctx,
      { id: 'leased', name: 'read_file' },
      { id: 'bare', name: 'wire' },
      { id: 'refused', name: 'wire', status: 'error' },
      { id: 'begun', name: 'wire', phase: 'start' },
      { id: 'other', name: 'weather' },
    );
    await tell(ingestKey.ctx, { id: 'claimed', name: 'wire' });
    await tell(helper.ctx, { id: 'helped', name: 'read_file', agent: 'helper' });
    await detect();
    expect(await alertsOf(tenantId, 'call-without-lease')).toEqual(
      expect.arrayContaining([
        { values: ['payer', 'wire'], events: ['bare'] },
        { values: ['helper', 'read_file'], events: ['helped'] },
      ]),
    );
    expect(await flagsOf(scene, 'bank')).toMatchObject({ outside: ['call_without_lease'] });
    const { sightings } = await readCredential(scene.admin, scene.credential.id);
    expect(sightings).toMatchObject([
      { agent: 'helper', evidence: 'call_without_lease', eventId: 'helped' },
    ]);
  });

  it('before the credential came, or after the lease ended long ago, is what it was', async () => {
    const { payer, take, tell, detect, tenantId } = scene;
    const before = await alertsOf(tenantId, 'call-without-lease');
    await bed.admin`update credentials set created_at = clock_timestamp()
      where tenant_id = ${uuidOf(tenantId)} and tool = 'wire'`;
    await tell(payer.ctx, { id: 'early', name: 'wire' });
    await detect();
    expect(await alertsOf(tenantId, 'call-without-lease')).toEqual(before);
    await take(payer.ctx, { tool: 'read_file' });
    await bed.admin`update leases set issued_at = issued_at - interval '2 hours',
        expires_at = expires_at - interval '2 hours' where tenant_id = ${uuidOf(tenantId)}`;
    await tell(payer.ctx, { id: 'late', name: 'read_file' });
    await detect();
    expect(await alertsOf(tenantId, 'call-without-lease')).toContainEqual({
      values: ['payer', 'read_file'],
      events: ['late'],
    });
  });
});

describe('the token of a dead lease', () => {
  const judged = async (scene: Scene, token: string) => {
    const hash = hashLeaseToken(token);
    if (hash === null) throw new Error('no token');
    const lease = await withRead(scene.admin, (tx) => readLeaseByHash(tx, scene.admin, hash));
    if (lease === null) throw new Error('no lease');
    return lease;
  };
  const age = (scene: Scene, seconds: number) =>
    bed.admin`update leases set expires_at = clock_timestamp() - make_interval(secs => ${seconds})
      where tenant_id = ${uuidOf(scene.tenantId)}`;

  it('is noted at a tool once it is long dead and nothing covers for it, and alerted', async () => {
    const scene = await makeScene();
    const { enforcer, tenantId, admin, credential } = scene;
    const { token } = await scene.take();
    await age(scene, 30);
    expect(await recordDeadLease(enforcer.ctx, await judged(scene, token))).toBe(false);
    await age(scene, 3600);
    const fresh = await scene.take();
    expect(await recordDeadLease(enforcer.ctx, await judged(scene, token))).toBe(false);
    await bed.admin`update leases set expires_at = clock_timestamp() - interval '1 hour'
      where id = ${uuidOf(fresh.id)}`;
    expect(await recordDeadLease(enforcer.ctx, await judged(scene, token))).toBe(true);
    const { sightings, outside } = await readCredential(admin, credential.id);
    expect(outside).toEqual(['dead_lease_presented']);
    expect(sightings).toMatchObject([{ agent: 'payer', eventId: null, isVerified: true }]);
    await settleLog(bed);
    await createHoldSweeper({ db: bed.worker, log }).pass();
    await createHoldSweeper({ db: bed.worker, log }).pass();
    expect(await alertsOf(tenantId, 'dead-lease-presented')).toEqual([
      { values: ['payer', 'read_file'], events: [] },
    ]);
    expect(
      await bed.admin`select subject_id, cause from audit_log
        where tenant_id = ${uuidOf(tenantId)} and action = 'lease.presented_dead'`,
    ).toEqual([{ subject_id: (await judged(scene, token)).id, cause: 'expired' }]);
  });

  it('is noted by the door where a tool asks, and not where the agent asks after its own', async () => {
    const scene = await makeScene();
    const { token } = await scene.take();
    await age(scene, 3600);
    expect(await scene.ask(token, scene.payer.ctx)).toEqual({ active: false });
    expect(await scene.ask(token)).toEqual({ active: false });
    await expect
      .poll(async () => (await readCredential(scene.admin, scene.credential.id)).sightings)
      .toMatchObject([{ evidence: 'dead_lease_presented', times: 1 }]);
  });
});
