import { describe, expect, it, vi } from 'vitest';
import { createDb } from '#db/client.ts';
import { keyKinds, roles } from '#db/enums.ts';
import { authenticateKey, settleKeyUses } from '#server/auth/authenticate-key.ts';
import { hashKey } from '#server/auth/key-format.ts';
import { revokeKey } from '#server/auth/revoke-key.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, keyActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { issueKey } from './issue-key.ts';
import { registerAgent } from './register-agent.ts';

const bed = openTestDatabase();

async function adminOf() {
  const tenant = await makeTenant(bed);
  const ctx = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['admin']));
  return { tenant, ctx };
}

const auditOf = (tenantId: string) =>
  bed.admin<{ action: string; subject_type: string; detail: Record<string, unknown> }[]>`
    select action, subject_type, detail from audit_log
    where tenant_id = ${uuidOf(tenantId)} order by seq`;

const refused = (code: string) => expect.objectContaining({ code });

describe('issueKey', () => {
  it.each([
    { kind: 'agent', name: 'a', agent: 'billing-bot', tools: [] } as const,
    { kind: 'ingest', name: 'i', tools: [] } as const,
    { kind: 'service', name: 's', tools: [] } as const,
    { kind: 'enforcer', name: 'e', tools: ['send_money'] } as const,
  ])('issues a key of kind $kind that authenticates, and audits it', async (wish) => {
    const { tenant, ctx } = await adminOf();
    const created = await issueKey(ctx, { ...wish, tools: [...wish.tools] });
    const standing = await authenticateKey(bed.app, `Bearer ${created.key}`);
    expect(standing.tenantId).toBe(tenant.id);
    expect(standing.actor).toMatchObject({
      type: 'key',
      keyId: created.id,
      kind: wish.kind,
      name: wish.name,
      tools: wish.tools,
    });
    expect(standing.actor.agent?.slug ?? null).toBe('agent' in wish ? wish.agent : null);
    const audit = await auditOf(tenant.id);
    expect(audit.map((row) => row.action)).toEqual(
      wish.kind === 'agent' ? ['agent.registered', 'key.created'] : ['key.created'],
    );
    expect(audit.at(-1)?.detail).toMatchObject({ kind: wish.kind, prefix: created.prefix });
    expect(JSON.stringify(audit)).not.toContain(created.key.slice(-43));
  });

  it('stores nothing from which the key could be made', async () => {
    const { tenant, ctx } = await adminOf();
    const created = await issueKey(ctx, { kind: 'ingest', name: 'i' });
    const [row] = await bed.admin`select * from api_keys where tenant_id = ${uuidOf(tenant.id)}`;
    expect(JSON.stringify(row)).not.toContain(created.key.slice(-43));
    expect(row?.secret_hash.length).toBe(32);
  });

  it('uses the agent that is there, also when two keys are issued at once', async () => {
    const { tenant, ctx } = await adminOf();
    await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        issueKey(ctx, { kind: 'agent', name: `k${i}`, agent: 'twin' }),
      ),
    );
    const rows = await bed.admin`select count(*)::int as n from agents
      where tenant_id = ${uuidOf(tenant.id)}`;
    expect(rows).toEqual([{ n: 1 }]);
    const audit = await auditOf(tenant.id);
    expect(audit.filter((row) => row.action === 'agent.registered')).toHaveLength(1);
    expect(audit.filter((row) => row.action === 'key.created')).toHaveLength(6);
  });

  it.each([
    ['an agent key without an agent', { kind: 'agent' }],
    ['an agent key with a bad slug', { kind: 'agent', agent: 'Billing Bot' }],
    ['an ingest key with an agent', { kind: 'ingest', agent: 'a' }],
    ['an enforcer key without tools', { kind: 'enforcer' }],
    ['a service key with tools', { kind: 'service', tools: ['t'] }],
    ['a name of two lines', { kind: 'service', name: 'a\nb' }],
    ['a name that turns round', { kind: 'service', name: 'a\u202eb' }],
    ['no name', { kind: 'service', name: '  ' }],
    ['no life', { kind: 'service', lifeSeconds: 0 }],
  ] as const)('refuses %s', async (_what, wish) => {
    const { tenant, ctx } = await adminOf();
    const input = { name: 'k', ...wish, tools: 'tools' in wish ? [...wish.tools] : [] };
    await expect(issueKey(ctx, input)).rejects.toEqual(refused('unprocessable'));
    expect(await auditOf(tenant.id)).toEqual([]);
  });

  it('is for administrators and the command line only', async () => {
    const { tenant } = await adminOf();
    const wish = { kind: 'ingest', name: 'k' } as const;
    for (const role of roles.filter((one) => one !== 'admin')) {
      const actor = await makePerson(bed, tenant.id, [role]);
      await expect(issueKey(makeCtx(bed.app, tenant.id, actor), wish)).rejects.toEqual(
        refused('forbidden'),
      );
    }
    for (const kind of keyKinds) {
      const ctx = makeCtx(bed.app, tenant.id, keyActor(kind));
      await expect(issueKey(ctx, wish)).rejects.toEqual(refused('forbidden'));
    }
    expect(await auditOf(tenant.id)).toEqual([]);
    await issueKey(makeCtx(bed.owner, tenant.id, cliActor), wish);
    expect(await auditOf(tenant.id)).toHaveLength(1);
  });
});

describe('the bounds of a tenant', () => {
  it('hold for its keys, of which revoked ones do not count', async () => {
    const { tenant, ctx } = await adminOf();
    await bed.admin`insert into api_keys
      (tenant_id, id, kind, name, prefix, secret_hash, created_by, revoked_at)
      select ${uuidOf(tenant.id)}, gen_random_uuid(), 'service', 'n', 'p',
        sha256(gen_random_uuid()::text::bytea), 't', case when n = 1 then now() end
      from generate_series(1, ${limits.keysMax}) n`;
    await issueKey(ctx, { kind: 'service', name: 'last' });
    await expect(issueKey(ctx, { kind: 'service', name: 'over' })).rejects.toEqual(
      refused('unprocessable'),
    );
  });

  it('hold for its agents, but not for naming one that is there', async () => {
    const { tenant, ctx } = await adminOf();
    await bed.admin`insert into agents (tenant_id, id, slug)
      select ${uuidOf(tenant.id)}, gen_random_uuid(), 'a' || n
      from generate_series(1, ${limits.agentsPerTenantMax}) n`;
    await expect(registerAgent(ctx, 'one-more')).rejects.toEqual(refused('unprocessable'));
    expect(await registerAgent(ctx, 'a1')).toMatchObject({ slug: 'a1', isNew: false });
  });
});

describe('authenticateKey', () => {
  it('refuses what is no key of ours', async () => {
    const { ctx } = await adminOf();
    const { key } = await issueKey(ctx, { kind: 'service', name: 'k' });
    const other = (at: number) =>
      key.slice(0, at) + (key[at] === '0' ? '1' : '0') + key.slice(at + 1);
    for (const header of [undefined, 'Bearer', key, `Bearer ${other(key.length - 1)}`]) {
      await expect(authenticateKey(bed.app, header)).rejects.toEqual(refused('unauthenticated'));
    }
    const disguised = key.replace('sbk_service_', 'sbk_agent_');
    await expect(authenticateKey(bed.app, `Bearer ${disguised}`)).rejects.toEqual(
      refused('unauthenticated'),
    );
  });

  it('refuses a key past its end, by the clock of the database', async () => {
    const { tenant, ctx } = await adminOf();
    const { key } = await issueKey(ctx, { kind: 'service', name: 'k', lifeSeconds: 3600 });
    await bed.admin`update api_keys set expires_at = now() where tenant_id = ${uuidOf(tenant.id)}`;
    await expect(authenticateKey(bed.app, `Bearer ${key}`)).rejects.toThrow(/expired/);
  });

  it('gives a disabled agent nothing', async () => {
    const { tenant, ctx } = await adminOf();
    const { key } = await issueKey(ctx, { kind: 'agent', name: 'k', agent: 'bot' });
    await bed.admin`update agents set state = 'disabled' where tenant_id = ${uuidOf(tenant.id)}`;
    await expect(authenticateKey(bed.app, `Bearer ${key}`)).rejects.toThrow(/disabled/);
  });

  it('asks the database once for many requests at once', async () => {
    const { ctx } = await adminOf();
    const { key } = await issueKey(ctx, { kind: 'service', name: 'k' });
    const db = createDb(bed.database.appUrl, { connectionsMax: 1 });
    const asked: string[] = [];
    db.$client.options.debug = (_connection, query) => asked.push(query);
    try {
      await Promise.all(Array.from({ length: 200 }, () => authenticateKey(db, `Bearer ${key}`)));
      await settleKeyUses(db);
      expect(asked.filter((query) => query.includes('auth_find_key'))).toHaveLength(1);
    } finally {
      await db.$client.end();
    }
  });

  it('notes the last use', async () => {
    const { tenant, ctx } = await adminOf();
    const { key } = await issueKey(ctx, { kind: 'service', name: 'k' });
    await authenticateKey(bed.app, `Bearer ${key}`);
    await settleKeyUses(bed.app);
    const [row] = await bed.admin<{ recent: boolean }[]>`
      select last_used_at > now() - interval '1 minute' as recent from api_keys
      where tenant_id = ${uuidOf(tenant.id)}`;
    expect(row).toEqual({ recent: true });
  });

  it('puts the caller’s tenant back', async () => {
    const { ctx } = await adminOf();
    const { key } = await issueKey(ctx, { kind: 'service', name: 'k' });
    const mine = uuidOf((await makeTenant(bed)).id);
    const seen = await bed.app.$client.begin(async (tx) => {
      await tx`select set_config('app.tenant', ${mine}, true)`;
      await tx`select * from auth_find_key(${hashKey(key)})`;
      return tx`select current_setting('app.tenant') as tenant`;
    });
    expect(seen).toEqual([{ tenant: mine }]);
  });
});

describe('revokeKey', () => {
  it('is effective at the next call in its own process, and is audited once', async () => {
    const { tenant, ctx } = await adminOf();
    const { id, key } = await issueKey(ctx, { kind: 'service', name: 'k' });
    await authenticateKey(bed.app, `Bearer ${key}`);
    expect(await revokeKey(ctx, id)).toEqual({ isChanged: true });
    await expect(authenticateKey(bed.app, `Bearer ${key}`)).rejects.toThrow(/revoked/);
    expect(await revokeKey(ctx, id)).toEqual({ isChanged: false });
    const audit = await auditOf(tenant.id);
    expect(audit.map((row) => row.action)).toEqual(['key.created', 'key.revoked']);
  });

  it('is effective in every other process once a verdict of a second is over', async () => {
    const { ctx } = await adminOf();
    const { id, key } = await issueKey(ctx, { kind: 'service', name: 'k' });
    const elsewhere = createDb(bed.database.appUrl, { connectionsMax: 2 });
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      await authenticateKey(elsewhere, `Bearer ${key}`);
      await revokeKey(ctx, id);
      // As long as a verdict counts, and no longer.
      vi.advanceTimersByTime(limits.keyVerdictMs);
      await expect(authenticateKey(elsewhere, `Bearer ${key}`)).rejects.toThrow(/revoked/);
      await settleKeyUses(elsewhere);
    } finally {
      vi.useRealTimers();
      await elsewhere.$client.end();
    }
  });

  it('does not reach into another tenant, and says so as for a key that never was', async () => {
    const mine = await adminOf();
    const theirs = await adminOf();
    const { id, key } = await issueKey(theirs.ctx, { kind: 'service', name: 'k' });
    for (const name of [id, 'key_01jz0000000000000000000000', 'nonsense']) {
      await expect(revokeKey(mine.ctx, name)).rejects.toEqual(refused('not_found'));
    }
    await authenticateKey(bed.app, `Bearer ${key}`);
    const auditor = await makePerson(bed, theirs.tenant.id, ['auditor']);
    await expect(revokeKey(makeCtx(bed.app, theirs.tenant.id, auditor), id)).rejects.toEqual(
      refused('forbidden'),
    );
  });
});

describe('registerAgent', () => {
  it('registers once, per tenant, and refuses a bad slug', async () => {
    const one = await adminOf();
    const two = await adminOf();
    const first = await registerAgent(one.ctx, 'team/bot.v2');
    expect(first).toMatchObject({ slug: 'team/bot.v2', state: 'active', isNew: true });
    expect(await registerAgent(one.ctx, 'team/bot.v2')).toEqual({ ...first, isNew: false });
    expect((await registerAgent(two.ctx, 'team/bot.v2')).id).not.toBe(first.id);
    await expect(registerAgent(one.ctx, 'Bot')).rejects.toEqual(refused('unprocessable'));
    const viewer = await makePerson(bed, one.tenant.id, ['viewer']);
    await expect(registerAgent(makeCtx(bed.app, one.tenant.id, viewer), 'b')).rejects.toEqual(
      refused('forbidden'),
    );
    expect((await auditOf(one.tenant.id)).map((row) => row.action)).toEqual(['agent.registered']);
  });
});
