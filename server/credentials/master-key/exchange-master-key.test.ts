import { describe, expect, it } from 'vitest';
import { addCredential } from '#server/credentials/add-credential.ts';
import { addCredentialInput } from '#server/credentials/contract.ts';
import { withRead } from '#server/kernel/context.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase, type TestBed } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { testMasterKey } from '#server/testing/hold-tools.ts';
import { makeLeaseScene, sceneSecret, testBrokerTools } from '#server/testing/lease-scene.ts';
import { insertDataKey, readWrappingKey } from '../insert-data-key.ts';
import { createLocalKeyManagement, masterKeyName, newDataKey } from '../key-management.ts';
import { openSecret, readSealed } from '../open-secret.ts';
import { rotateDataKey } from '../rotate-data-key.ts';
import { sealSecret } from '../seal-secret.ts';
import { exchangeMasterKey } from './exchange-master-key.ts';
import { openDerivationKey } from './open-derivation-key.ts';

const former = testMasterKey;
const next = new Uint8Array(32).fill(21);
const foreign = new Uint8Array(32).fill(22);
const knowsFormer = createLocalKeyManagement(former);
const knowsBoth = createLocalKeyManagement(next, former);
const knowsNext = createLocalKeyManagement(next);

const exchanger = (bed: TestBed) => ({ db: bed.owner, actor: cliActor, requestId: 'req-exchange' });
const workerOf = (bed: TestBed, tenantId: TenantId) =>
  makeCtx(bed.worker, tenantId, { type: 'system', name: 'system:revoke' });

/** Opens a secret as a worker with these keys does. */
async function open(
  bed: TestBed,
  { tenant, credential }: Awaited<ReturnType<typeof makeLeaseScene>>,
  keys: typeof knowsBoth,
): Promise<string> {
  const ctx = workerOf(bed, tenant.id);
  const rows = await withRead(ctx, (tx) => readSealed(tx, ctx, [credential.id]));
  return openSecret(ctx, keys, rows, credential.id);
}

const wrappers = async (bed: TestBed) =>
  bed.admin<{ name: string; count: number }[]>`
    select wrapped_by as name, count(*)::int as count from data_keys group by 1 order by 1`;

const registered = async (bed: TestBed) =>
  (await bed.admin<{ name: string }[]>`select name from master_keys order by name`).map(
    (row) => row.name,
  );

describe('an exchange of the master key', () => {
  const bed = openTestDatabase();

  it('breaks off between tenants, hurts nobody who knows both keys, and is finished by the next run', async () => {
    const one = await makeLeaseScene(bed);
    const two = await makeLeaseScene(bed);
    const scenes = [one, two, await makeLeaseScene(bed)];
    await rotateDataKey(makeCtx(bed.owner, one.tenant.id, cliActor), knowsFormer);
    const derivation = await openDerivationKey(bed.app, [former]);
    expect(derivation).toEqual(former);
    // A process that was started with both keys before the exchange goes on wrapping by the present one.
    expect(await readWrappingKey(one.admin, knowsBoth)).toBe(masterKeyName(former));

    const gone = new Error('killed');
    const first = exchangeMasterKey(exchanger(bed), next, [former], () => {
      throw gone;
    });
    await expect(first).rejects.toBe(gone);
    expect(await wrappers(bed)).toHaveLength(2);
    for (const scene of scenes) expect(await open(bed, scene, knowsBoth)).toBe(sceneSecret);
    const opened = await Promise.allSettled(scenes.map((scene) => open(bed, scene, knowsFormer)));
    expect(opened.filter((one) => one.status === 'fulfilled')).toHaveLength(2);
    expect(opened.find((one) => one.status === 'rejected')).toMatchObject({
      reason: { code: 'store_unavailable', extras: { held: [masterKeyName(former)] } },
    });
    // New secrets meanwhile, by a process with both keys and by one that was never told of the new one.
    const late = await makeLeaseScene(bed);
    const added = await addCredential(
      two.admin,
      { ...testBrokerTools, keyManagement: knowsBoth },
      addCredentialInput.parse({
        name: 'meanwhile',
        tool: 'read_file',
        kind: 'api_key',
        secret: sceneSecret,
        scopes: ['read'],
        holders: [],
      }),
    );
    expect(added.id).toMatch(/^crd_/);

    const done = await exchangeMasterKey(exchanger(bed), next, [former]);
    expect(done).toEqual({
      keyName: masterKeyName(next),
      former: [masterKeyName(former)],
      tried: [masterKeyName(former)],
      rewrapped: 3,
      proven: 4,
      tenants: 4,
    });
    expect(await registered(bed)).toEqual([masterKeyName(next)]);
    for (const scene of [...scenes, late]) {
      expect(await open(bed, scene, knowsNext)).toBe(sceneSecret);
      expect(await open(bed, scene, knowsBoth)).toBe(sceneSecret);
    }
    expect(await openDerivationKey(bed.app, [next])).toEqual(Buffer.from(derivation));
    const audit = await bed.admin`select action, actor_type, subject_id, detail from audit_log
      where tenant_id = ${uuidOf(late.tenant.id)} and action ~ 'rewrapped|exchanged' order by seq`;
    expect(audit).toEqual([
      {
        action: 'data_key.rewrapped',
        actor_type: 'cli',
        subject_id: '1',
        detail: { from: masterKeyName(former), to: masterKeyName(next) },
      },
      {
        action: 'master_key.exchanged',
        actor_type: 'cli',
        subject_id: masterKeyName(next),
        detail: { former: [masterKeyName(former)], dataKeys: 1 },
      },
    ]);
  });

  it('changes nothing in a further run, and proves it anew', async () => {
    const before = await bed.admin`select count(*)::int as rows from audit_log`;
    const done = await exchangeMasterKey(exchanger(bed), next, [next, former]);
    expect(done).toMatchObject({ former: [], rewrapped: 0, proven: 4 });
    expect(done.tried).toEqual([masterKeyName(former)]);
    expect(await bed.admin`select count(*)::int as rows from audit_log`).toEqual(before);
  });

  it('leaves whoever holds only the former key with a clear word, and nothing wrong in the database', async () => {
    await expect(openDerivationKey(bed.app, [former])).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining(masterKeyName(next)),
    });
    await expect(makeLeaseScene(bed)).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(bed.app.$client`delete from master_keys`).rejects.toThrow(/permission denied/);
    await expect(
      bed.app.$client`insert into master_keys (name) values (${masterKeyName(former)})`,
    ).rejects.toThrow(/permission denied/);
    await bed.app.$client`select register_master_key(${masterKeyName(former)})`;
    expect(await registered(bed)).toEqual([masterKeyName(next)]);
    expect(await wrappers(bed)).toEqual([{ name: masterKeyName(next), count: 4 }]);
  });
});

describe('beside an exchange', () => {
  const bed = openTestDatabase();

  it('a foreign key changes nothing, as a person’s try does not', async () => {
    const { admin, tenant } = await makeLeaseScene(bed);
    const before = await wrappers(bed);
    await expect(exchangeMasterKey(exchanger(bed), next, [foreign])).rejects.toMatchObject({
      code: 'store_unavailable',
      extras: { wrappedBy: [masterKeyName(former)] },
    });
    await expect(
      exchangeMasterKey({ ...exchanger(bed), actor: admin.actor }, next, [former]),
    ).rejects.toMatchObject({ code: 'forbidden' });
    // Named like the registered one, and another key all the same: nothing of it opens.
    await bed.admin`update data_keys set wrapped = ${Buffer.alloc(60)}
      where tenant_id = ${uuidOf(tenant.id)}`;
    await expect(exchangeMasterKey(exchanger(bed), next, [former])).rejects.toThrow(/auth/);
    expect(await wrappers(bed)).toEqual(before);
    expect(await registered(bed)).toContain(masterKeyName(former));
    await bed.admin`delete from sealed_secrets where tenant_id = ${uuidOf(tenant.id)}`;
    await bed.admin`delete from data_keys where tenant_id = ${uuidOf(tenant.id)}`;
  });

  it('a data key that was wrapped before its end and stored after it is refused, and the next try does', async () => {
    const { admin, tenant } = await makeLeaseScene(bed);
    const wrappedBy = masterKeyName(former);
    const wrapped = await knowsBoth.wrap(newDataKey(), wrappedBy, `data key ${tenant.id} 2`);
    await exchangeMasterKey(exchanger(bed), next, [former]);
    const late = { version: 2, wrapped, wrappedBy };
    await expect(insertDataKey(admin, late, {})).rejects.toMatchObject({ code: 'conflict' });
    expect(await sealSecret(admin, knowsBoth, 'crd_late', 'again')).toMatchObject({
      dataKeyVersion: 1,
    });
    await expect(sealSecret(admin, knowsFormer, 'crd_late', 'again')).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('a writer that is in its transaction is waited for, and its data key is not lost', async () => {
    const third = new Uint8Array(32).fill(23);
    const { id } = await makeTenant(bed);
    const wrapped = await knowsNext.wrap(newDataKey(), masterKeyName(next), `data key ${id} 1`);
    const { promise: stored, resolve } = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const writer = bed.admin.begin(async (tx) => {
      await tx`insert into data_keys (tenant_id, version, wrapped, wrapped_by)
        values (${uuidOf(id)}, 1, ${wrapped}, ${masterKeyName(next)})`;
      resolve();
      await held.promise;
    });
    await stored;
    const running = exchangeMasterKey(exchanger(bed), third, [next]);
    const waiting = async () =>
      (
        await bed.admin<{ n: number }[]>`select count(*)::int as n from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`
      )[0]?.n ?? 0;
    while ((await waiting()) === 0) await new Promise((done) => setImmediate(done));
    expect(await registered(bed)).toContain(masterKeyName(next));
    held.resolve();
    await writer;
    expect(await running).toMatchObject({ former: [masterKeyName(next)], rewrapped: 2, proven: 2 });
    expect(await wrappers(bed)).toEqual([{ name: masterKeyName(third), count: 2 }]);
  });
});
