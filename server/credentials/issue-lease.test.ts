import { describe, expect, it } from 'vitest';
import { changeAgent } from '#server/agents/change-agent.ts';
import { revokeKey } from '#server/auth/revoke-key.ts';
import { stopScopeKinds } from '#db/enums.ts';
import { noteHeartbeat } from '#server/containment/note-heartbeat.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { setStopFile } from '#server/gate/stop-file.ts';
import type { StopScope } from '#server/gate/contract.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { redeemPermit } from '#server/actions/redeem-permit.ts';
import { reportOutcome } from '#server/actions/report-outcome.ts';
import { cancelAction } from '#server/actions/cancel-action.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { ask as askAction } from '#server/testing/hold-scene.ts';
import { makeHoldTools } from '#server/testing/hold-tools.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { makeLeaseScene, testLeaseTools } from '#server/testing/lease-scene.ts';
import { endOwnLease, endOwnToken } from './end-lease.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);

type Scene = Awaited<ReturnType<typeof makeLeaseScene>>;

/** An allowed action of the scene's agent in a session, with its permit. */
async function allow(scene: Scene, sessionId: string | null = 's-1') {
  await bed.admin`insert into tools (tenant_id, id, name, reversibility, sensitivity, blast_radius,
      effect_class) values (${uuidOf(scene.tenant.id)}, ${uuidOf(newId('tool'))}, 'read_file',
      0, 0, 0, 'read') on conflict do nothing`;
  const tools = await makeHoldTools();
  const { ctx: agentCtx } = scene.payer;
  const answer = await askAction({ agentCtx, tools }, { tool: 'read_file', sessionId });
  expect(answer.decision).toBe('allow');
  return { tools, id: answer.id, permit: answer.permit ?? '' };
}

const auditOf = (scene: Scene, action: string) =>
  bed.admin`select subject_id, cause, detail from audit_log
    where tenant_id = ${uuidOf(scene.tenant.id)} and action = ${action} order by seq`;

/** Every way by which an agent could come to a lease, or go on using one. */
const paths = {
  'the verb, as a door that remembers the key calls it': async (scene: Scene, actionId?: string) =>
    scene.take(scene.payer.ctx, { actionId: actionId ?? null }).then(
      () => 'obtained',
      (error: { code?: string }) => error.code ?? 'unknown error',
    ),
  'POST /api/v1/leases': async (scene: Scene, actionId?: string) => {
    const answer = await fetch(`${served.url}/api/v1/leases`, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.payer.key}` },
      body: JSON.stringify({ tool: 'read_file', scopes: ['read'], actionId: actionId ?? null }),
    });
    return answer.status === 201 ? 'obtained' : String(answer.status);
  },
  'a lease from before': async (scene: Scene, _actionId?: string, before?: string) =>
    (await scene.ask(before ?? '')).active ? 'obtained' : 'inactive',
  'the verb, for a JWT': async (scene: Scene, actionId?: string) =>
    scene.take(scene.payer.ctx, { actionId: actionId ?? null, tokenFormat: 'jwt' }).then(
      () => 'obtained',
      (error: { code?: string }) => error.code ?? 'unknown error',
    ),
  'a JWT from before': async (scene: Scene, _actionId?: string, before?: string) =>
    (await scene.ask(before ?? '')).active ? 'obtained' : 'inactive',
  'POST /oauth/introspect of a lease from before': async (
    scene: Scene,
    _actionId?: string,
    before?: string,
  ) => {
    const answer = await fetch(`${served.url}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.enforcer.key}` },
      body: new URLSearchParams({ token: before ?? '' }),
    });
    return ((await answer.json()) as { active: boolean }).active ? 'obtained' : 'inactive';
  },
} as const;

const formatOf = (path: string) => ({
  tokenFormat: path === 'a JWT from before' ? ('jwt' as const) : ('opaque' as const),
});

/** What makes an agent obtain nothing. */
const states: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  'the agent is disabled': ({ cli, payer }) =>
    changeAgent(cli, { id: payer.agent?.id ?? '', state: 'disabled' }),
  'its key is revoked': ({ cli, payer }) => revokeKey(cli, payer.id),
  'its key has expired': ({ payer }) =>
    bed.admin`update api_keys set expires_at = now() - interval '1 second'
      where id = ${uuidOf(payer.id)}`,
  'its key became another kind': ({ payer }) =>
    bed.admin`update api_keys set kind = 'ingest', revoked_at = now() where id = ${uuidOf(payer.id)}`,
  'it holds the credential no more': ({ credential }) =>
    bed.admin`delete from credential_holders where credential_id = ${uuidOf(credential.id)}`,
  'the credential is being revoked': ({ credential }) =>
    bed.admin`update credentials set revoke_requested_at = now()
      where id = ${uuidOf(credential.id)}`,
  'the credential has expired': ({ credential }) =>
    bed.admin`update credentials set expires_at = now() - interval '1 second'
      where id = ${uuidOf(credential.id)}`,
  'the credential is of another environment': ({ cli, payer, credential }) =>
    bed.admin`update credentials set environment = 'production'
      where id = ${uuidOf(credential.id)}`.then(() =>
      changeAgent(cli, { id: payer.agent?.id ?? '', environment: 'staging' }),
    ),
};

/** A stop of each kind that covers the lease; a new kind needs its line. */
const scopeOf: Readonly<Record<(typeof stopScopeKinds)[number], (scene: Scene) => StopScope>> = {
  tenant: () => ({ kind: 'tenant' }),
  environment: () => ({ kind: 'environment', id: 'production' }),
  agent: () => ({ kind: 'agent', id: 'payer' }),
  tree: () => ({ kind: 'tree', id: 'payer' }),
  session: () => ({ kind: 'session', id: 's-1' }),
  tool: () => ({ kind: 'tool', id: 'read_file' }),
  credential: ({ credential }) => ({ kind: 'credential', id: credential.id }),
};
const stop = (scene: Scene, kind: (typeof stopScopeKinds)[number]) =>
  placeStop(scene.responder, {
    scope: scopeOf[kind](scene),
    level: 1,
    reason: 'test',
  });

describe.each(Object.entries(paths))('%s', (path, obtain) => {
  const before = (scene: Scene, change = {}) =>
    scene.take(scene.payer.ctx, { ...formatOf(path), ...change });

  it('obtains while nothing speaks against it', async () => {
    const scene = await makeLeaseScene(bed);
    const { token } = await before(scene);
    expect(await obtain(scene, undefined, token)).toBe('obtained');
  });

  it.each(Object.entries(states))('obtains nothing when %s', async (_state, change) => {
    const scene = await makeLeaseScene(bed);
    const { token } = await before(scene);
    await change(scene);
    expect(await obtain(scene, undefined, token)).toMatch(
      /^(denied|not_found|401|403|404|inactive)$/,
    );
  });

  it.each(stopScopeKinds)(
    'obtains nothing under a stop of the %s, nor the old one after it',
    async (kind) => {
      const scene = await makeLeaseScene(bed);
      const action = await allow(scene);
      const { token } = await before(scene, { actionId: action.id });
      expect(await obtain(scene, action.id, token)).toBe('obtained');
      const placed = await stop(scene, kind);
      expect(placed.state).toBe('active');
      expect(await obtain(scene, action.id, token)).toMatch(/^(halted|423|inactive)$/);
      if (kind === 'tenant' || kind === 'environment') return;
      await liftStop(scene.responder, placed.id, 'over');
      // What was taken before stays dead, and so does the permit that it was taken for.
      expect(await obtain(scene, action.id, token)).toMatch(/^(halted|423|inactive)$/);
    },
  );

  it('obtains nothing while the stop file is there', async () => {
    const scene = await makeLeaseScene(bed);
    const { token } = await before(scene);
    try {
      setStopFile(import.meta.filename);
      expect(await obtain(scene, undefined, token)).toMatch(/^(halted|423|inactive)$/);
    } finally {
      setStopFile(null);
    }
  });

  it('is left alone by stops of others', async () => {
    const scene = await makeLeaseScene(bed);
    const stranger = await makeLeaseScene(bed);
    const other = await scene.add({ name: 'other', tool: 'write_file' });
    const { token } = await before(scene);
    await stop(stranger, 'tenant');
    for (const scope of [
      { kind: 'agent', id: (await scene.keyOf({ agent: 'bystander' })).agent?.id ?? '' },
      { kind: 'environment', id: 'staging' },
      { kind: 'session', id: 's-2' },
      { kind: 'tool', id: 'write_file' },
      { kind: 'credential', id: other.id },
    ] as const) {
      await placeStop(scene.responder, { scope, level: 1, reason: 'test' });
    }
    expect(await obtain(scene, undefined, token)).toBe('obtained');
  });
});

describe('issueLease', () => {
  it('leaves an audit row in the same transaction, without the token', async () => {
    const scene = await makeLeaseScene(bed);
    const lease = await scene.take(scene.payer.ctx, { ttlSeconds: 3600 });
    const rows = await auditOf(scene, 'lease.issued');
    expect(rows).toMatchObject([
      { subject_id: lease.id, detail: { tool: 'read_file', scopes: ['read'], seconds: 300 } },
    ]);
    expect(JSON.stringify(rows)).not.toContain(lease.token);
    await bed.admin`alter table audit_log add constraint full_disk check (action <> 'lease.issued') not valid`;
    try {
      await expect(scene.take()).rejects.toThrow();
    } finally {
      await bed.admin`alter table audit_log drop constraint full_disk`;
    }
    const [count] = await bed.admin`select count(*)::int as n from leases
      where tenant_id = ${uuidOf(scene.tenant.id)}`;
    expect(count).toEqual({ n: 1 });
  });

  it('audits a refusal with its reason, and tells the agent one sentence for all of them', async () => {
    const scene = await makeLeaseScene(bed);
    await scene.add({ name: 'mail', tool: 'send_email', holders: [] });
    const sentences = new Set<string>();
    for (const change of [
      { tool: 'send_email' },
      { tool: 'unknown' },
      { scopes: ['read', 'erase'] },
    ]) {
      const refused = await scene.take(scene.payer.ctx, change).catch((error: Error) => error);
      sentences.add((refused as Error).message);
    }
    expect([...sentences]).toEqual([expect.stringMatching(/No credential/)]);
    const rows = await auditOf(scene, 'lease.refused');
    expect(rows.map((row) => (row['detail'] as { why: string }).why)).toEqual([
      'not_holder',
      'no_credential',
      'scope',
    ]);
  });

  it('is refused to people, to other keys, and in another tenant', async () => {
    const scene = await makeLeaseScene(bed);
    const stranger = await makeLeaseScene(bed);
    for (const ctx of [scene.admin, scene.enforcer.ctx]) {
      await expect(scene.take(ctx)).rejects.toMatchObject({ code: 'forbidden' });
    }
    const { token, id } = await scene.take();
    expect(await stranger.ask(token)).toEqual({ active: false });
    await expect(endOwnLease(stranger.payer.ctx, id)).rejects.toMatchObject({ code: 'not_found' });
    await endOwnToken(stranger.payer.ctx, testLeaseTools, token);
    expect(await scene.ask(token)).toMatchObject({ active: true });
  });

  it('is for an action only when it is the agent’s own, of the tool, and holds a permit', async () => {
    const scene = await makeLeaseScene(bed);
    await scene.add({ name: 'guarded', tool: 'write_file', isActionRequired: true });
    await expect(scene.take(scene.payer.ctx, { tool: 'write_file' })).rejects.toMatchObject({
      code: 'denied',
    });
    const { id, tools, permit } = await allow(scene);
    const forAction = (change = {}) => scene.take(scene.payer.ctx, { actionId: id, ...change });
    await expect(forAction({ tool: 'write_file' })).rejects.toMatchObject({ code: 'denied' });
    const other = await scene.keyOf({ agent: 'other' });
    await bed.admin`insert into credential_holders (tenant_id, credential_id, agent_id) values
      (${uuidOf(scene.tenant.id)}, ${uuidOf(scene.credential.id)}, ${uuidOf(other.agent?.id ?? '')})`;
    await expect(scene.take(other.ctx, { actionId: id })).rejects.toMatchObject({ code: 'denied' });
    await expect(forAction()).resolves.toMatchObject({ token: expect.any(String) });
    // It runs now, and owes its outcome: still.
    await redeemPermit(scene.payer.ctx, tools, { permit, args: {} }, null);
    await expect(forAction()).resolves.toMatchObject({ token: expect.any(String) });
    await reportOutcome(scene.payer.ctx, tools, id, { status: 'succeeded' });
    await expect(forAction()).rejects.toMatchObject({ code: 'denied' });
    const second = await allow(scene);
    await cancelAction(scene.payer.ctx, tools, second.id);
    await expect(scene.take(scene.payer.ctx, { actionId: second.id })).rejects.toMatchObject({
      code: 'denied',
    });
  });

  it('dies with the session of its action, when no other instance has the session', async () => {
    const scene = await makeLeaseScene(bed);
    const action = await allow(scene, 's-1');
    const bound = await scene.take(scene.payer.ctx, { actionId: action.id });
    const free = await scene.take();
    const beat = (instanceId: string, sessions: string[]) =>
      noteHeartbeat(scene.payer.ctx, { instanceId, sessions, capabilities: [], inFlight: [] });
    await beat('one', ['s-1', 's-2']);
    await beat('two', ['s-1']);
    await beat('one', ['s-2']);
    expect(await scene.ask(bound.token)).toMatchObject({ active: true });
    await beat('two', []);
    expect(await scene.ask(bound.token)).toEqual({ active: false });
    expect(await scene.ask(free.token)).toMatchObject({ active: true });
    expect(await auditOf(scene, 'lease.ended')).toMatchObject([
      { subject_id: bound.id, cause: 'session_ended' },
    ]);
  });

  it('expires by the database’s clock, and is given back at once', async () => {
    const scene = await makeLeaseScene(bed);
    const [first, second, third] = [await scene.take(), await scene.take(), await scene.take()];
    await bed.admin`update leases set expires_at = clock_timestamp() where id = ${uuidOf(first.id)}`;
    expect(await scene.ask(first.token)).toEqual({ active: false });
    await endOwnLease(scene.payer.ctx, second.id);
    await endOwnLease(scene.payer.ctx, second.id);
    expect(await scene.ask(second.token)).toEqual({ active: false });
    await endOwnToken(scene.payer.ctx, testLeaseTools, third.token);
    expect(await scene.ask(third.token)).toEqual({ active: false });
    expect(await auditOf(scene, 'lease.ended')).toMatchObject([
      { subject_id: second.id },
      { subject_id: third.id },
    ]);
  });

  it('is told live to its own agent and to enforcers of its tool only', async () => {
    const scene = await makeLeaseScene(bed);
    const { token, id } = await scene.take();
    const other = await scene.keyOf({ agent: 'other' });
    const elsewhere = await scene.keyOf({ kind: 'enforcer', agent: null, tools: ['write_file'] });
    expect(await scene.ask(token)).toMatchObject({ active: true, jti: id, scope: 'read' });
    expect(await scene.ask(token, scene.payer.ctx)).toMatchObject({ active: true, jti: id });
    expect(await scene.ask(token, other.ctx)).toEqual({ active: false });
    expect(await scene.ask(token, elsewhere.ctx)).toEqual({ active: false });
    expect(await scene.ask(`${token.slice(0, -1)}?`)).toEqual({ active: false });
    await expect
      .poll(async () => {
        const [row] = await bed.admin`select l.last_used_at is not null
            and c.last_used_at is not null as used
          from leases l join credentials c on c.id = l.credential_id where l.id = ${uuidOf(id)}`;
        return row?.['used'];
      })
      .toBe(true);
  });
});

describe('races', () => {
  it('tells no lease live once a stop is acknowledged, whoever takes them meanwhile', async () => {
    const scene = await makeLeaseScene(bed);
    const tokens: string[] = [];
    const takers = Array.from({ length: 6 }, async () => {
      for (let left = 200; left > 0; left -= 1) {
        const taken = await scene.take().catch((error: { code?: string }) => error);
        if (!('token' in taken)) return taken.code;
        tokens.push(taken.token);
      }
      return 'never stopped';
    });
    await expect.poll(() => tokens.length, { interval: 5 }).toBeGreaterThan(6);
    const placed = await stop(scene, 'agent');
    expect(placed.state).toBe('active');
    expect(await Promise.all(takers)).toEqual(Array(6).fill('halted'));
    const told = await Promise.all(tokens.map((token) => scene.ask(token)));
    expect(told.filter((one) => one.active)).toEqual([]);
    const late = await bed.admin`select 1 from leases l, stops s
      where s.id = ${uuidOf(placed.id)} and l.tenant_id = s.tenant_id
        and l.issued_at > s.acknowledged_at`;
    expect(late).toEqual([]);
  });

  it('gives nothing to an agent once its disabling is done', async () => {
    const scene = await makeLeaseScene(bed);
    const tokens: string[] = [];
    const takers = Array.from({ length: 4 }, async () => {
      for (let left = 200; left > 0; left -= 1) {
        const taken = await scene.take().catch((error: { code?: string }) => error);
        if (!('token' in taken)) return taken.code;
        tokens.push(taken.token);
      }
      return 'never refused';
    });
    await expect.poll(() => tokens.length, { interval: 5 }).toBeGreaterThan(4);
    await changeAgent(scene.cli, { id: scene.payer.agent?.id ?? '', state: 'disabled' });
    expect(await Promise.all(takers)).toEqual(Array(4).fill('denied'));
    const told = await Promise.all(tokens.map((token) => scene.ask(token)));
    expect(told.filter((one) => one.active)).toEqual([]);
  });
});
