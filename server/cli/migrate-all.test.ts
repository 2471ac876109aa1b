import { describe, expect, it } from 'vitest';
import { changeTool } from '#server/agents/change-tool.ts';
import { commonTools } from '#server/agents/common-tools.ts';
import { listTools } from '#server/agents/queries.ts';
import { removeTool } from '#server/agents/remove-tool.ts';
import { createTenant } from '#server/auth/create-tenant.ts';
import { upgradeTenants } from '#server/auth/upgrade-tenants.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { disableRule } from '#server/detection/disable-rule.ts';
import { listRules, readRule } from '#server/detection/read-rules.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import {
  cliActor,
  makeCtx,
  makePerson,
  makeTenant,
  systemActor,
} from '#server/testing/factories.ts';
import { migrateAll } from './migrate-all.ts';
import { tenantSeeders } from './tenant-seeders.ts';

const bed = openTestDatabase();
const by = { actor: cliActor, requestId: 'req' };
let made = 0;

/** A tenant as an earlier version made it, and an administrator of it. */
async function makeScene() {
  const slug = `upgraded-${(made += 1)}`;
  const { tenantId } = await createTenant(bed.owner, by, { slug, name: 'U' }, tenantSeeders);
  const admin = makeCtx(bed.app, tenantId, await makePerson(bed, tenantId, ['admin']));
  return { tenantId, admin };
}

const seedRowsOf = (tenantId: TenantId) =>
  bed.admin<{ action: string; actor_type: string; detail: Record<string, unknown> }[]>`
    select action, actor_type, detail from audit_log
    where tenant_id = ${uuidOf(tenantId)}
      and (action = 'rule.seeded' or (action = 'tool.added' and subject_type = 'tools'))
    order by seq`;

const allTools = async (ctx: ReturnType<typeof makeCtx>) =>
  (await listTools(ctx, { limit: 200, cursor: null, search: null })).items;

describe('migrateAll', () => {
  it('brings an older shipped rule to its new source and keeps that it was switched off', async () => {
    const { tenantId, admin } = await makeScene();
    const [rule] = await listRules(admin);
    if (!rule) throw new Error('no rule');
    await disableRule(admin, rule.id);
    await bed.admin`update rules set source = 'an older source'
      where tenant_id = ${uuidOf(tenantId)} and id = ${uuidOf(rule.id)}`;
    await migrateAll(bed.database.ownerUrl);
    const after = await readRule(admin, rule.id);
    expect(after).toMatchObject({ version: 2, state: 'disabled' });
    expect(defaultRules).toContain(after.source);
    expect((await seedRowsOf(tenantId)).at(-1)).toMatchObject({
      action: 'rule.seeded',
      actor_type: 'cli',
      detail: { rules: [rule.name] },
    });
  });

  it('adds the rules and tools that a tenant lacks, also to one that has none', async () => {
    const bare = await makeTenant(bed);
    const { tenantId, admin } = await makeScene();
    await bed.admin`delete from rules where tenant_id = ${uuidOf(tenantId)} and slug = 'canary-seen'`;
    await bed.admin`delete from tools where tenant_id = ${uuidOf(tenantId)} and name = 'send_money'`;
    await migrateAll(bed.database.ownerUrl);
    expect(await listRules(admin)).toHaveLength(defaultRules.length);
    expect(await allTools(admin)).toHaveLength(commonTools.length);
    expect((await seedRowsOf(tenantId)).slice(-2).map((row) => row.detail)).toEqual([
      { count: 1, names: ['send_money'] },
      { rules: ['canary-seen'] },
    ]);
    expect(await seedRowsOf(bare.id)).toHaveLength(2);
  });

  it('leaves alone what people changed, took out or wrote themselves', async () => {
    const { tenantId, admin } = await makeScene();
    const [first, second] = await allTools(admin);
    if (!first || !second) throw new Error('no tools');
    const { id, name: _, origin: __, ...facts } = first;
    await changeTool(admin, id, { ...facts, description: 'ours' });
    await removeTool(admin, second.id);
    await bed.admin`update rules set origin = 'custom', source = 'our own'
      where tenant_id = ${uuidOf(tenantId)} and slug = 'canary-seen'`;
    await migrateAll(bed.database.ownerUrl);
    const tools = await allTools(admin);
    expect(tools.find((tool) => tool.id === id)?.description).toBe('ours');
    expect(tools.map((tool) => tool.name)).not.toContain(second.name);
    const own = (await listRules(admin)).find((rule) => rule.name === 'canary-seen');
    expect((await readRule(admin, own?.id ?? '')).source).toBe('our own');
    expect(await seedRowsOf(tenantId)).toHaveLength(2);
  });

  it('changes and audits once when several run at the same time', async () => {
    const { tenantId, admin } = await makeScene();
    await bed.admin`update rules set source = 'an older source'
      where tenant_id = ${uuidOf(tenantId)}`;
    await bed.admin`delete from tools where tenant_id = ${uuidOf(tenantId)}`;
    const upgrade = () => upgradeTenants(bed.owner, by, tenantSeeders);
    await Promise.all([upgrade(), upgrade(), migrateAll(bed.database.ownerUrl)]);
    const rules = await listRules(admin);
    expect(rules.map((rule) => rule.version)).toEqual(rules.map(() => 2));
    expect(await allTools(admin)).toHaveLength(commonTools.length);
    const rows = (await seedRowsOf(tenantId)).slice(2);
    const seeded = rows.flatMap((row) => row.detail['rules'] ?? []);
    expect(seeded).toHaveLength(defaultRules.length);
    expect(rows.filter((row) => row.action === 'tool.added')).toHaveLength(1);
    await migrateAll(bed.database.ownerUrl);
    expect(await seedRowsOf(tenantId)).toHaveLength(2 + rows.length);
  });

  it('is for the command line alone', async () => {
    const { tenantId } = await makeScene();
    const person = await makePerson(bed, tenantId, ['admin']);
    for (const actor of [person, systemActor]) {
      const refused = upgradeTenants(bed.owner, { ...by, actor }, tenantSeeders);
      await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
    }
  });
});
