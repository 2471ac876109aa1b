import { describe, expect, it } from 'vitest';
import { withTransaction } from '#server/kernel/context.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { testMasterKey } from '#server/testing/hold-tools.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import {
  makeLeaseScene,
  sceneSecret,
  testBrokerTools,
  testKeyManagement,
} from '#server/testing/lease-scene.ts';
import { decryptBound } from './aes-gcm.ts';
import { createLocalKeyManagement, masterKeyName, newDataKey } from './key-management.ts';
import { sealSecret, storeSecret } from './seal-secret.ts';
import { rotateDataKey } from './rotate-data-key.ts';

const bed = openTestDatabase();
const testKeyName = masterKeyName(testMasterKey);

async function readSealed(tenantId: string, subjectId: string) {
  const [row] = await bed.admin<{ sealed: Buffer; wrapped: Buffer; wrapped_by: string }[]>`
    select s.sealed, k.wrapped, k.wrapped_by from sealed_secrets s
    join data_keys k on k.tenant_id = s.tenant_id and k.version = s.data_key_version
    where s.tenant_id = ${uuidOf(tenantId)} and s.subject_id = ${subjectId}`;
  if (!row) throw new Error('nothing is sealed');
  return row;
}

describe('a sealed secret', () => {
  it('opens with tenant, subject and master key, and with nothing less', async () => {
    const { tenant, credential } = await makeLeaseScene(bed);
    const stranger = await makeLeaseScene(bed);
    const { sealed, wrapped, wrapped_by: name } = await readSealed(tenant.id, credential.id);
    const bound = `data key ${tenant.id} 1`;
    const key = await testKeyManagement.unwrap(wrapped, name, bound);
    const open = (subject: string) => decryptBound(sealed, key, subject).toString();
    expect(open(`secret ${tenant.id} ${credential.id}`)).toBe(sceneSecret);
    expect(() => open(`secret ${tenant.id} ${stranger.credential.id}`)).toThrow(/auth/);
    expect(() => open(`secret ${stranger.tenant.id} ${credential.id}`)).toThrow(/auth/);
    await expect(
      testKeyManagement.unwrap(wrapped, name, `data key ${stranger.tenant.id} 1`),
    ).rejects.toThrow(/auth/);
    const otherKey = new Uint8Array(32).fill(1);
    const other = createLocalKeyManagement(otherKey);
    await expect(other.unwrap(wrapped, name, bound)).rejects.toThrow(/wrapped by/);
    await expect(other.unwrap(wrapped, masterKeyName(otherKey), bound)).rejects.toThrow(/auth/);
  });

  it('is one data key a tenant, audited once, however many secrets are sealed at once', async () => {
    const { tenant, add } = await makeLeaseScene(bed);
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => add({ name })));
    const keys =
      await bed.admin`select version from data_keys where tenant_id = ${uuidOf(tenant.id)}`;
    expect(keys).toMatchObject([{ version: 1 }]);
    const audit = await bed.admin`select 1 from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'data_key.created'`;
    expect(audit).toHaveLength(1);
  });

  it('lies nowhere in the database as it was typed', async () => {
    const { tenant } = await makeLeaseScene(bed);
    const tables = await bed.admin<{ name: string }[]>`select c.relname as name from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`;
    for (const { name } of tables) {
      const rows = await bed.admin.unsafe(`select t::text as text from ${name} t
        where tenant_id = '${uuidOf(tenant.id)}'`);
      const text = rows.map((row) => String(row['text'])).join('\n');
      expect(text, name).not.toContain(sceneSecret);
      expect(text, name).not.toContain(Buffer.from(sceneSecret).toString('hex'));
    }
  });

  it('cannot be read back by the web’s login, whatever the code does', async () => {
    await makeLeaseScene(bed);
    await expect(bed.app.$client`select sealed from sealed_secrets`).rejects.toThrow(
      /permission denied/,
    );
    await expect(bed.app.$client`delete from sealed_secrets`).rejects.toThrow(/permission denied/);
  });
});

describe('addCredential', () => {
  it('is refused to a denied actor, leaves one audit row, and takes nothing of another tenant', async () => {
    const { tenant, add, responder, keyOf } = await makeLeaseScene(bed);
    const stranger = await makeLeaseScene(bed);
    await stranger.keyOf({ agent: 'their-agent' });
    await keyOf({ agent: 'second' });
    const { addCredential } = await import('./add-credential.ts');
    const { addCredentialInput } = await import('./contract.ts');
    const input = addCredentialInput.parse({
      name: 'mine',
      tool: 'read_file',
      kind: 'api_key',
      secret: 's',
      scopes: ['read'],
      holders: [],
    });
    await expect(addCredential(responder, testBrokerTools, input)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(add({ name: 'files' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(add({ name: 'x', holders: ['their-agent'] })).rejects.toMatchObject({
      code: 'unprocessable',
    });
    await expect(add({ name: 'x', parentId: stranger.credential.id })).rejects.toMatchObject({
      code: 'unprocessable',
    });
    const owner = stranger.admin.actor.type === 'person' ? stranger.admin.actor.userId : '';
    await expect(add({ name: 'x', ownerUserId: owner })).rejects.toMatchObject({
      code: 'unprocessable',
    });
    const audit = await bed.admin`select detail from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'credential.added'`;
    expect(audit).toMatchObject([{ detail: { name: 'files', holders: ['payer'] } }]);
  });
});

describe('a rotation of the data key', () => {
  const cliOf = (tenantId: TenantId) => makeCtx(bed.owner, tenantId, cliActor);
  const versionsOf = async (tenantId: TenantId) =>
    (
      await bed.admin<{ version: number }[]>`select version from data_keys
        where tenant_id = ${uuidOf(tenantId)} order by version`
    ).map((row) => row.version);
  const openOf = async (tenantId: TenantId, subject: string, version: number) => {
    const { sealed, wrapped, wrapped_by: name } = await readSealed(tenantId, subject);
    const key = await testKeyManagement.unwrap(wrapped, name, `data key ${tenantId} ${version}`);
    return decryptBound(sealed, key, `secret ${tenantId} ${subject}`).toString();
  };

  it('seals everything anew, destroys the old key, and touches no other tenant', async () => {
    const { tenant, credential, add } = await makeLeaseScene(bed);
    const other = await makeLeaseScene(bed);
    const more = await Promise.all(
      Array.from({ length: limits.rotationSecretsMax + 5 }, (_, at) =>
        add({ name: `more-${at}`, secret: `secret number ${at}, long enough` }),
      ),
    );
    const before = await readSealed(tenant.id, credential.id);
    const told: number[] = [];
    const done = await rotateDataKey(cliOf(tenant.id), testKeyManagement, (count) => {
      told.push(count);
    });
    expect(done).toEqual({ version: 2, secrets: more.length + 1, destroyed: [1] });
    expect(told).toEqual([limits.rotationSecretsMax, more.length + 1]);
    expect(await versionsOf(tenant.id)).toEqual([2]);
    expect(await openOf(tenant.id, credential.id, 2)).toBe(sceneSecret);
    expect(await openOf(tenant.id, more[7]?.id ?? '', 2)).toBe('secret number 7, long enough');
    expect((await readSealed(tenant.id, credential.id)).sealed).not.toEqual(before.sealed);
    expect(await openOf(other.tenant.id, other.credential.id, 1)).toBe(sceneSecret);
    const audit = await bed.admin`select action, subject_id, detail->'versions' as versions
      from audit_log where tenant_id = ${uuidOf(tenant.id)} and action like 'data_key.%' order by seq`;
    expect(audit).toMatchObject([
      { action: 'data_key.created', subject_id: '1' },
      { action: 'data_key.created', subject_id: '2' },
      { action: 'data_key.destroyed', subject_id: '2', versions: [1] },
    ]);
  });

  it('goes on beside secrets that come, finishes one that broke off, and loses none', async () => {
    const { tenant, add } = await makeLeaseScene(bed);
    await Promise.all(Array.from({ length: 30 }, (_, at) => add({ name: `early-${at}` })));
    // One that broke off after its key: both versions are there, and the new one seals.
    const half = await testKeyManagement.wrap(newDataKey(), testKeyName, `data key ${tenant.id} 2`);
    await bed.admin`insert into data_keys (tenant_id, version, wrapped, wrapped_by)
      values (${uuidOf(tenant.id)}, 2, ${half}, ${testKeyName})`;
    const coming = Array.from({ length: 20 }, (_, at) =>
      add({ name: `late-${at}` }).catch((error: unknown) => error),
    );
    const done = await rotateDataKey(cliOf(tenant.id), testKeyManagement);
    await Promise.all(coming);
    expect(done.version).toBe(3);
    const rows = await bed.admin<{ subject_id: string; version: number }[]>`
      select subject_id, data_key_version as version from sealed_secrets
      where tenant_id = ${uuidOf(tenant.id)}`;
    expect(rows.length).toBeGreaterThanOrEqual(31);
    for (const row of rows) {
      expect(await openOf(tenant.id, row.subject_id, row.version)).toBe(sceneSecret);
    }
  });

  it('waits for who is just storing a secret under an old key, and leaves that key', async () => {
    const { tenant, admin } = await makeLeaseScene(bed);
    const sealed = await sealSecret(admin, testKeyManagement, 'crd_late', 'stored too late');
    const [stored, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const storing = withTransaction(admin, async (tx) => {
      await storeSecret(tx, admin, 'crd_late', sealed);
      stored.resolve();
      await over.promise;
    });
    await stored.promise;
    const rotating = rotateDataKey(cliOf(tenant.id), testKeyManagement);
    const waiting = () => bed.admin`select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await waiting()).length === 0) await new Promise((done) => setImmediate(done));
    over.resolve();
    await storing;
    expect(await rotating).toMatchObject({ version: 2, destroyed: [] });
    expect(await openOf(tenant.id, 'crd_late', 1)).toBe('stored too late');
    expect(await rotateDataKey(cliOf(tenant.id), testKeyManagement)).toMatchObject({
      secrets: 2,
      destroyed: [1, 2],
    });
  });

  it('refuses what was sealed under a key that it has destroyed, and says to try again', async () => {
    const { tenant, admin } = await makeLeaseScene(bed);
    const sealed = await sealSecret(admin, testKeyManagement, 'crd_late', 'sealed too early');
    await rotateDataKey(cliOf(tenant.id), testKeyManagement);
    await expect(
      withTransaction(admin, (tx) => storeSecret(tx, admin, 'crd_late', sealed)),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(await sealSecret(admin, testKeyManagement, 'crd_late', 'again')).toMatchObject({
      dataKeyVersion: 2,
    });
  });

  it('is for the command line alone, and says where nothing was sealed', async () => {
    const { tenant, admin } = await makeLeaseScene(bed);
    await expect(rotateDataKey(admin, testKeyManagement)).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await versionsOf(tenant.id)).toEqual([1]);
    const empty = await makeTenant(bed);
    await expect(rotateDataKey(cliOf(empty.id), testKeyManagement)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});
