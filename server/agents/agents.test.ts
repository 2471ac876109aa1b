import { describe, expect, it } from 'vitest';
import { authenticateKey } from '#server/auth/authenticate-key.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { changeAgent } from './change-agent.ts';
import { issueKey } from './issue-key.ts';
import { listAgents, listKeys, readAgent } from './queries.ts';

const bed = openTestDatabase();
const refused = (code: string) => expect.objectContaining({ code });

async function adminOf() {
  const tenant = await makeTenant(bed);
  const admin = await makePerson(bed, tenant.id, ['admin']);
  return { tenant, admin, ctx: makeCtx(bed.app, tenant.id, admin) };
}
const page = { limit: 50, cursor: null };

describe('changeAgent', () => {
  it('disables an agent whose keys then obtain nothing, and enables it again', async () => {
    const { tenant, ctx } = await adminOf();
    const { key } = await issueKey(ctx, { kind: 'agent', name: 'k', agent: 'bot' });
    const { id } = await readAgent(ctx, 'bot');
    await changeAgent(ctx, { id, state: 'disabled' });
    await expect(authenticateKey(bed.app, `Bearer ${key}`)).rejects.toThrow(/disabled/);
    await changeAgent(ctx, { id, state: 'active' });
    await expect
      .poll(
        () =>
          authenticateKey(bed.app, `Bearer ${key}`).then(
            () => 'in',
            () => 'out',
          ),
        {
          interval: 20,
          timeout: 5000,
        },
      )
      .toBe('in');
    const audit = await bed.admin`select detail from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'agent.changed' order by seq`;
    expect(audit.map((row) => [row.detail.from.state, row.detail.to.state])).toEqual([
      ['active', 'disabled'],
      ['disabled', 'active'],
    ]);
  });

  it('takes only a person of the tenant as owner, and shows who it is', async () => {
    const one = await adminOf();
    const two = await adminOf();
    const { id } = await makeAgent(bed, one.tenant.id, 'bot');
    const idOf = (actor: typeof one.admin) => (actor.type === 'person' ? actor.userId : '');
    for (const ownerUserId of [idOf(two.admin), newId('user'), 'nonsense']) {
      await expect(changeAgent(one.ctx, { id, ownerUserId })).rejects.toEqual(
        refused('unprocessable'),
      );
    }
    await changeAgent(one.ctx, { id, ownerUserId: idOf(one.admin), environment: 'staging' });
    expect(await readAgent(one.ctx, id)).toMatchObject({
      owner: one.admin.type === 'person' ? one.admin.email : '',
      environment: 'staging',
      state: 'active',
    });
  });

  it('is for administrators, in their own tenant', async () => {
    const one = await adminOf();
    const two = await adminOf();
    const { id } = await makeAgent(bed, one.tenant.id, 'bot');
    await expect(changeAgent(two.ctx, { id, state: 'disabled' })).rejects.toEqual(
      refused('not_found'),
    );
    const responder = await makePerson(bed, one.tenant.id, ['responder', 'analyst']);
    for (const actor of [responder, keyActor('service'), keyActor('agent')]) {
      await expect(
        changeAgent(makeCtx(bed.app, one.tenant.id, actor), { id, state: 'disabled' }),
      ).rejects.toEqual(refused('forbidden'));
    }
    expect((await readAgent(one.ctx, 'bot')).state).toBe('active');
  });
});

describe('lists', () => {
  it('show the agents of the tenant with their last sign of life', async () => {
    const { tenant, ctx } = await adminOf();
    const bot = await makeAgent(bed, tenant.id, 'bot');
    await makeAgent(bed, tenant.id, 'quiet');
    await makeAgent(bed, (await makeTenant(bed)).id, 'foreign');
    for (const [instance, at] of [
      ['pod-1', '2026-01-01T00:00:00Z'],
      ['pod-2', '2026-02-01T00:00:00Z'],
    ] as const) {
      await bed.admin`insert into agent_instances values
        (${uuidOf(tenant.id)}, ${uuidOf(bot.id)}, ${instance}, ${at}, ${at})`;
    }
    const { items, next } = await listAgents(ctx, { ...page, search: null });
    expect(next).toBeNull();
    expect(items).toMatchObject([
      { slug: 'bot', instances: 2, lastSeenAt: '2026-02-01T00:00:00Z', owner: null },
      { slug: 'quiet', instances: 0, lastSeenAt: null },
    ]);
    const detail = await readAgent(ctx, 'bot');
    expect(detail.running.map((one) => one.instanceId)).toEqual(['pod-2', 'pod-1']);
    expect(detail.keys).toEqual({ live: 0, total: 0 });
    await expect(readAgent(ctx, 'foreign')).rejects.toEqual(refused('not_found'));
  });

  it('page agents and keys without losing or repeating one', async () => {
    const { ctx } = await adminOf();
    for (let i = 0; i < 7; i++) {
      await issueKey(ctx, { kind: 'agent', name: `k${i}`, agent: `bot-${i}` });
    }
    const walk = async (
      list: (cursor: string | null) => Promise<{ items: { id: string }[]; next: string | null }>,
    ) => {
      const ids: string[] = [];
      let cursor: string | null = null;
      do {
        const got: { items: { id: string }[]; next: string | null } = await list(cursor);
        ids.push(...got.items.map((item) => item.id));
        cursor = got.next;
      } while (cursor !== null);
      return ids;
    };
    const agents = await walk((cursor) => listAgents(ctx, { limit: 3, cursor, search: null }));
    const keys = await walk((cursor) => listKeys(ctx, { limit: 3, cursor }));
    expect([agents.length, new Set(agents).size]).toEqual([7, 7]);
    expect([keys.length, new Set(keys).size]).toEqual([7, 7]);
    expect([...keys].sort().reverse()).toEqual(keys);
    await expect(listKeys(ctx, { limit: 3, cursor: 'nonsense' })).rejects.toEqual(
      refused('bad_request'),
    );
  });

  it('show keys with their state, never with a secret, and not to everyone', async () => {
    const { tenant, ctx } = await adminOf();
    const made = await issueKey(ctx, { kind: 'agent', name: 'live', agent: 'bot' });
    await issueKey(ctx, { kind: 'service', name: 'gone', lifeSeconds: 60 });
    await bed.admin`update api_keys set expires_at = now()
      where tenant_id = ${uuidOf(tenant.id)} and name = 'gone'`;
    const { items } = await listKeys(ctx, page);
    expect(items).toMatchObject([
      { name: 'gone', state: 'expired', agent: null },
      { name: 'live', state: 'live', agent: { slug: 'bot' }, prefix: made.prefix },
    ]);
    expect(JSON.stringify(items)).not.toContain(made.key.slice(-43));
    const analyst = await makePerson(bed, tenant.id, ['analyst', 'responder']);
    await expect(listKeys(makeCtx(bed.app, tenant.id, analyst), page)).rejects.toEqual(
      refused('forbidden'),
    );
    expect((await listKeys((await adminOf()).ctx, page)).items).toEqual([]);
  });
});
