import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { idOf as typeIdOf, newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import {
  makeRevocationScene,
  serveProvider,
  serveVaultStub,
} from '#server/testing/revocation-scene.ts';
import { retryRevocation } from './retry-revocation.ts';
import { revokeCredential } from './revoke-credential.ts';

const bed = openTestDatabase();
const vaultToken = 'hvs.test-token';

/** A scene with a Vault stub and a credential that is one of its leases. */
async function makeVaultScene(leases: readonly string[] = ['database/creds/app/1']) {
  const vault = await serveVaultStub(vaultToken, leases);
  const scene = await makeRevocationScene(bed, [vault.host]);
  const provider = await scene.addAt(
    'vault',
    { adapter: 'vault', address: vault.url, namespace: null },
    vaultToken,
  );
  const addLease = (externalRef: string, change = {}) =>
    scene.add({
      name: externalRef,
      kind: 'vault_lease',
      providerId: provider.id,
      externalRef,
      ...change,
    });
  return { ...scene, vault, provider, addLease };
}

describe('a revocation at a Vault (stub of its published lease API)', () => {
  it('is proven by a lookup before and one after, each step with its evidence', async () => {
    const { vault, addLease, revoke, work, revocationOf, tenant } = await makeVaultScene();
    const { id } = await addLease('database/creds/app/1');
    await revoke(id);
    expect(await revocationOf(id)).toMatchObject({ state: 'requested', sent_at: null });
    await work();
    expect(await revocationOf(id)).toMatchObject({
      state: 'verified',
      next_attempt_at: null,
      ladder: ['requested requested', 'probed_before live', 'sent confirmed', 'probed dead'],
    });
    expect(vault.asked).toEqual([
      '/v1/sys/leases/lookup database/creds/app/1',
      '/v1/sys/leases/revoke database/creds/app/1',
      '/v1/sys/leases/lookup database/creds/app/1',
    ]);
    const steps = await bed.admin`select host, status from revocation_steps s
      join revocations r on r.id = s.revocation_id where r.credential_id = ${uuidOf(id)}
      and r.target = 'provider' and s.host is not null order by s.at`;
    expect(steps).toMatchObject([
      { host: vault.host, status: 200 },
      { host: vault.host, status: 204 },
      { host: vault.host, status: 400 },
    ]);
    const audit = await bed.admin`select detail from audit_log where action =
      'credential.revocation_moved' and tenant_id = ${uuidOf(tenant.id)}
      and detail->>'target' = 'provider' order by seq`;
    expect(audit.map((row) => (row['detail'] as { to: string }).to)).toEqual([
      'confirmed',
      'verified',
    ]);
    await vault.close();
  });

  it('is not called proven when nobody ever saw it live', async () => {
    const { vault, addLease, revoke, work, revocationOf } = await makeVaultScene([]);
    const { id } = await addLease('database/creds/gone/1', {
      expiresAt: '2030-01-01T00:00:00Z',
    });
    await revoke(id);
    await work();
    const made = await revocationOf(id);
    expect(made).toMatchObject({ state: 'unverifiable', verified_at: null });
    expect(made.last_valid_at?.toISOString()).toBe('2030-01-01T00:00:00.000Z');
    await vault.close();
  });

  it('fails while the provider is away, and comes through when it is back', async () => {
    const { vault, addLease, revoke, work, revocationOf } = await makeVaultScene();
    const { id } = await addLease('database/creds/app/1');
    vault.broken = 503;
    await revoke(id);
    await work();
    const failed = await revocationOf(id);
    expect(failed).toMatchObject({ state: 'failed', attempts: 1 });
    expect(failed.next_attempt_at).not.toBeNull();
    vault.broken = null;
    await work(true);
    expect(await revocationOf(id)).toMatchObject({ state: 'verified' });
    await vault.close();
  });

  it('gives up after so many attempts, says so, and goes on when a person asks', async () => {
    const { vault, addLease, revoke, work, revocationOf, responder, admin } =
      await makeVaultScene();
    const { id } = await addLease('database/creds/app/1');
    vault.broken = 403;
    await revoke(id);
    await work(true);
    const given = await revocationOf(id);
    expect(given).toMatchObject({
      state: 'failed',
      attempts: limits.revocationAttemptsMax,
      next_attempt_at: null,
    });
    expect(given.says).toMatch(/Given up/);
    vault.broken = null;
    await expect(
      retryRevocation(
        { ...admin, actor: { ...admin.actor, roles: ['viewer'] } as never },
        idOf(given),
      ),
    ).rejects.toMatchObject({ code: 'forbidden' });
    await retryRevocation(responder, idOf(given));
    await expect(retryRevocation(responder, idOf(given))).rejects.toMatchObject({
      code: 'conflict',
    });
    await work();
    expect(await revocationOf(id)).toMatchObject({ state: 'verified' });
    await expect(retryRevocation(responder, idOf(given))).rejects.toMatchObject({
      code: 'conflict',
    });
    await vault.close();
  });

  it('is sent again after a crash behind the sending, and is proven all the same', async () => {
    const { vault, addLease, revoke, work, revocationOf } = await makeVaultScene();
    const { id } = await addLease('database/creds/app/1');
    await revoke(id);
    const { id: revocationId } = await revocationOf(id);
    // As a worker leaves it that dies once the provider has done it: claimed, the probe kept, no more.
    await bed.admin`update revocations set was_live_at = clock_timestamp(),
      claimed_until = clock_timestamp() + interval '1 hour' where id = ${revocationId}`;
    vault.leases.clear();
    await work();
    expect(await revocationOf(id)).toMatchObject({ state: 'requested', sent_at: null });
    await bed.admin`update revocations set claimed_until = clock_timestamp() where id = ${revocationId}`;
    await work();
    expect(await revocationOf(id)).toMatchObject({ state: 'verified' });
    await vault.close();
  });

  it('sends nothing by itself in another life of the database', async () => {
    const { vault, addLease, revoke, work, revocationOf, responder } = await makeVaultScene();
    const { id } = await addLease('database/creds/app/1');
    await revoke(id);
    await bed.admin`update revocations set incarnation = incarnation - 1
      where credential_id = ${uuidOf(id)}`;
    await work();
    expect(vault.asked).toEqual([]);
    await retryRevocation(responder, idOf(await revocationOf(id)));
    await work();
    expect(await revocationOf(id)).toMatchObject({ state: 'verified' });
    await vault.close();
  });

  it('takes each step once, however many workers there are', async () => {
    const names = Array.from({ length: 12 }, (_one, index) => `database/creds/app/${index}`);
    const { vault, addLease, revoke, worker, tools, revocationOf } = await makeVaultScene(names);
    const ids: string[] = [];
    for (const name of names) ids.push((await addLease(name)).id);
    for (const id of ids) await revoke(id);
    const { createRevokeWorker } = await import('./revoke-worker.ts');
    const { createLog } = await import('#server/kernel/log.ts');
    const others = [1, 2].map(() =>
      createRevokeWorker({ db: bed.worker, log: createLog('fatal', 'test'), tools }),
    );
    const all = [worker, ...others];
    await Promise.all(all.map((one) => one.pass()));
    await Promise.all(all.map((one) => one.settle()));
    for (const id of ids) expect(await revocationOf(id)).toMatchObject({ state: 'verified' });
    expect([...vault.asked].sort()).toEqual(
      names
        .flatMap((name) =>
          ['lookup', 'lookup', 'revoke'].map((verb) => `/v1/sys/leases/${verb} ${name}`),
        )
        .sort(),
    );
    await vault.close();
  });
});

/** The TypeID of a row that was read as the superuser. */
const idOf = ({ id }: { readonly id: string }) => typeIdOf('revocation', id);

describe('a revocation by webhook', () => {
  it('tells who is asked, signed, without the secret, and proves it by the probe', async () => {
    const asked: { type: string; text: string; headers: Record<string, unknown> }[] = [];
    let isActive = true;
    const hook = await serveProvider((request, text, response) => {
      const { type } = JSON.parse(text) as { type: string };
      asked.push({ type, text, headers: request.headers });
      if (type === 'credential.revoke') isActive = false;
      response.end(JSON.stringify({ active: isActive }));
    });
    const scene = await makeRevocationScene(bed, [hook.host]);
    const provider = await scene.addAt(
      'hook',
      { adapter: 'webhook', url: `${hook.url}/revoke`, probeUrl: `${hook.url}/probe` },
      'whsec_c2lnbmluZy1zZWNyZXQ=',
    );
    const { id } = await scene.add({ name: 'k', providerId: provider.id, externalRef: 'key-7' });
    await scene.revoke(id);
    await scene.work();
    expect(await scene.revocationOf(id)).toMatchObject({ state: 'verified' });
    expect(asked.map((one) => one.type)).toEqual([
      'credential.probe',
      'credential.revoke',
      'credential.probe',
    ]);
    for (const { text, headers } of asked) {
      expect(text).toContain('key-7');
      expect(text).not.toContain('ghp_');
      const sent = headers as Record<string, string>;
      expect(new Webhook('whsec_c2lnbmluZy1zZWNyZXQ=').verify(text, sent)).toEqual(
        JSON.parse(text),
      );
      expect(() => new Webhook('whsec_b3RoZXI=').verify(text, sent)).toThrow('signature');
    }
    await hook.close();
  });

  it('has kept at each call what was seen before it, and nothing of what is not answered yet', async () => {
    let isActive = true;
    const atCalls: unknown[] = [];
    const hook = await serveProvider((_request, text, response) => {
      const { type } = JSON.parse(text) as { type: string };
      const see = async () => {
        const { state, sent_at, ladder } = await scene.revocationOf(id);
        atCalls.push({ type, state, isSent: sent_at !== null, steps: ladder.length });
        if (type === 'credential.revoke') isActive = false;
        response.end(JSON.stringify({ active: isActive }));
      };
      void see();
    });
    const scene = await makeRevocationScene(bed, [hook.host]);
    const url = `${hook.url}/revoke`;
    const at = { adapter: 'webhook', url, probeUrl: `${hook.url}/probe` } as const;
    const provider = await scene.addAt('hook', at, 's');
    const { id } = await scene.add({ name: 'k', providerId: provider.id });
    await scene.revoke(id);
    await scene.work();
    expect(atCalls).toEqual([
      { type: 'credential.probe', state: 'requested', isSent: false, steps: 1 },
      { type: 'credential.revoke', state: 'requested', isSent: false, steps: 2 },
      { type: 'credential.probe', state: 'confirmed', isSent: true, steps: 3 },
    ]);
    expect(await scene.revocationOf(id)).toMatchObject({ state: 'verified' });
    await hook.close();
  });

  it('takes no secret that nothing can be signed with', async () => {
    const scene = await makeRevocationScene(bed, ['hook.internal']);
    const settings = { adapter: 'webhook', url: 'http://hook.internal/', probeUrl: null } as const;
    for (const secret of ['whsec_', 'whsec_not base64!']) {
      await expect(scene.addAt('hook', settings, secret)).rejects.toMatchObject({
        code: 'unprocessable',
      });
    }
  });

  it('is unverifiable without a probe, and fails while it is live still', async () => {
    const hook = await serveProvider((request, _text, response) => {
      response.end(request.url === '/probe' ? '{"active":true}' : '');
    });
    const scene = await makeRevocationScene(bed, [hook.host]);
    const url = `${hook.url}/revoke`;
    const blind = await scene.addAt('blind', { adapter: 'webhook', url, probeUrl: null }, 's');
    const liar = await scene.addAt(
      'liar',
      { adapter: 'webhook', url, probeUrl: `${hook.url}/probe` },
      's',
    );
    const first = await scene.add({ name: 'first', providerId: blind.id });
    const second = await scene.add({ name: 'second', providerId: liar.id });
    await scene.revoke(first.id);
    await scene.revoke(second.id);
    await scene.work(true);
    expect(await scene.revocationOf(first.id)).toMatchObject({
      state: 'unverifiable',
      last_valid_at: null,
    });
    expect(await scene.revocationOf(second.id)).toMatchObject({
      state: 'failed',
      next_attempt_at: null,
    });
    await hook.close();
  });
});

describe('revokeCredential', () => {
  it('kills every lease of it and of all that was made from it, and proves that first', async () => {
    const scene = await makeRevocationScene(bed, []);
    const parent = await scene.add({ name: 'parent', tool: 'send_email' });
    const child = await scene.add({ name: 'child', tool: 'write_file', parentId: parent.id });
    const grandchild = await scene.add({ name: 'grandchild', tool: 'search', parentId: child.id });
    const taken = await Promise.all(
      ['read_file', 'send_email', 'write_file', 'search'].map((tool) =>
        scene.take(scene.payer.ctx, { tool }),
      ),
    );
    expect(await scene.revoke(parent.id)).toEqual({ credentials: 3, isChanged: true });
    const own = (token: string) => scene.ask(token, scene.payer.ctx);
    const told = await Promise.all(taken.map((lease) => own(lease.token)));
    expect(told.map((one) => one.active)).toEqual([true, false, false, false]);
    await expect(scene.take(scene.payer.ctx, { tool: 'search' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(scene.add({ name: 'late', parentId: child.id })).rejects.toMatchObject({
      code: 'unprocessable',
    });
    await scene.work();
    for (const { id } of [parent, child, grandchild]) {
      expect(await scene.revocationOf(id, 'leases')).toMatchObject({ state: 'verified' });
      expect(await scene.revocationOf(id, 'provider')).toMatchObject({ state: 'external' });
    }
    expect(await scene.revoke(parent.id)).toEqual({ credentials: 0, isChanged: false });
  });

  it('is refused to a denied actor and for a foreign credential, and is audited', async () => {
    const scene = await makeRevocationScene(bed, []);
    const stranger = await makeRevocationScene(bed, []);
    const input = { id: scene.credential.id, reason: 'leaked' };
    for (const ctx of [scene.payer.ctx, scene.enforcer.ctx]) {
      await expect(revokeCredential(ctx, input)).rejects.toMatchObject({ code: 'forbidden' });
    }
    await expect(revokeCredential(stranger.responder, input)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(
      revokeCredential(scene.responder, { ...input, id: newId('credential') }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await scene.revoke(scene.credential.id);
    const audit = await bed.admin`select cause, detail from audit_log
      where tenant_id = ${uuidOf(scene.tenant.id)} and action = 'credential.revoke_requested'`;
    expect(audit).toMatchObject([{ cause: 'leaked', detail: { name: 'files' } }]);
  });

  it('lets no lease live that is taken beside it', async () => {
    const scene = await makeRevocationScene(bed, []);
    const tokens: string[] = [];
    const takers = Array.from({ length: 4 }, async () => {
      for (let left = 200; left > 0; left -= 1) {
        const taken = await scene.take().catch((error: { code?: string }) => error);
        if (!('token' in taken)) return taken.code;
        tokens.push(taken.token);
        // Its use is noted beside the revocation too.
        await scene.ask(taken.token);
      }
      return 'never refused';
    });
    await expect.poll(() => tokens.length, { interval: 5 }).toBeGreaterThan(4);
    await scene.revoke(scene.credential.id);
    expect(await Promise.all(takers)).toEqual(Array(4).fill('not_found'));
    const told = await Promise.all(tokens.map((token) => scene.ask(token)));
    expect(told.filter((one) => one.active)).toEqual([]);
    await scene.work();
    const { state, ladder } = await scene.revocationOf(scene.credential.id, 'leases');
    expect(state).toBe('verified');
    expect(ladder.at(-1)).toBe('probed dead');
  });

  it('sends a parent before its children', async () => {
    const order: string[] = [];
    const hook = await serveProvider((_request, text, response) => {
      const { type, credential } = JSON.parse(text) as {
        type: string;
        credential: { name: string };
      };
      if (type === 'credential.revoke') order.push(credential.name);
      response.end('{}');
    });
    const scene = await makeRevocationScene(bed, [hook.host]);
    const provider = await scene.addAt(
      'hook',
      { adapter: 'webhook', url: `${hook.url}/revoke`, probeUrl: null },
      's',
    );
    const shared = { providerId: provider.id } as const;
    const refresh = await scene.add({ name: 'z-refresh', kind: 'refresh_token', ...shared });
    const access = await scene.add({ name: 'a-access', parentId: refresh.id, ...shared });
    await scene.add({ name: 'b-below', parentId: access.id, ...shared });
    await scene.revoke(refresh.id);
    await scene.work();
    expect(order).toEqual(['z-refresh', 'a-access', 'b-below']);
    await hook.close();
  });
});
