import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { demoAgents } from '#db/scenarios/index.ts';
import { fillEmptyDatabase, demoTenant } from '#server/cli/first-run.ts';
import { findTenant } from '#server/auth/find-tenant.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { readDemoState } from './demo-state.ts';
import { removeDemo } from './remove-demo.ts';
import { startDemo } from './start-demo.ts';
import { stopDemo } from './stop-demo.ts';

const bed = openTestDatabase();
const folder = mkdtempSync(join(tmpdir(), 'sb-demo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How many rows each table with a tenant column holds for this tenant. */
async function rowsOf(tenantId: string): Promise<Record<string, number>> {
  const tables = await bed.admin<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition`;
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await bed.admin<{ n: number }[]>`
      select count(*)::int as n from ${bed.admin(name)} where tenant_id = ${uuidOf(tenantId)}`;
    if (row && row.n > 0) counts[name] = row.n;
  }
  return counts;
}

describe('the demo', () => {
  it('is made on an empty database only, with one person a role and a second reviewer', async () => {
    const people = await fillEmptyDatabase(bed.owner, null);
    expect(people?.map(({ role }) => role).toSorted()).toEqual([
      'admin',
      'analyst',
      'auditor',
      'responder',
      'reviewer',
      'reviewer',
      'viewer',
    ]);
    expect(new Set(people?.map(({ password }) => password)).size).toBe(7);
    expect((await findTenant(bed.owner, demoTenant)).isDemo).toBe(true);
    expect(await fillEmptyDatabase(bed.owner, null)).toBeNull();
  });

  it('starts twice with the same keys, and stops', async () => {
    const { tenantId } = await findTenant(bed.owner, demoTenant);
    const ctx = makeCtx(bed.owner, tenantId, cliActor);
    await startDemo(ctx, folder);
    const first = readDemoState(folder);
    await startDemo(ctx, folder);
    expect(readDemoState(folder)).toEqual(first);
    expect(Object.keys(first?.keys ?? {})).toHaveLength(demoAgents.length);
    await stopDemo(ctx, folder);
    expect(readDemoState(folder)).toEqual({ ...first, isWanted: false });
  });

  it('is managed by nobody but the command line', async () => {
    const { tenantId } = await findTenant(bed.owner, demoTenant);
    const admin = await makePerson(bed, tenantId, ['admin']);
    const ctx = makeCtx(bed.owner, tenantId, admin);
    await expect(startDemo(ctx, folder)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(stopDemo(ctx, folder)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(removeDemo(ctx)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('goes without a trace, and leaves everybody else alone', async () => {
    const other = await makeTenant(bed);
    const shared = await makePerson(bed, other.id, ['analyst']);
    if (shared.type !== 'person') throw new Error('makePerson makes people');
    const { tenantId } = await findTenant(bed.owner, demoTenant);
    await bed.admin`insert into memberships (tenant_id, user_id, roles)
      values (${uuidOf(tenantId)}, ${uuidOf(shared.userId)}, ${['viewer']})`;
    await bed.admin`
      with rule as (select id from rules where tenant_id = ${uuidOf(tenantId)} limit 1),
      made as (insert into alerts (tenant_id, id, rule_id, rule_version, group_key, severity, state,
          title, explanation, trace_ids, labels, first_at, last_at, count)
        select ${uuidOf(tenantId)}, gen_random_uuid(), rule.id, 1, 'g', 'low', 'open', 't', '{}',
          '{}', '{}', now(), now(), 1 from rule returning tenant_id, id)
      insert into alert_changes (tenant_id, incarnation, alert_id, change)
        select tenant_id, 1, id, 'opened' from made`;
    expect(Object.keys(await rowsOf(tenantId)).length).toBeGreaterThan(4);
    await removeDemo(makeCtx(bed.owner, tenantId, cliActor));
    expect(await rowsOf(tenantId)).toEqual({});
    const left = await bed.admin<{ email: string }[]>`select email from users`;
    expect(left.map(({ email }) => email)).toEqual([shared.email]);
    const audit = await bed.admin<{ action: string }[]>`
      select action from audit_log where tenant_id = ${uuidOf(other.id)}`;
    expect(audit).toEqual([{ action: 'demo.removed' }]);
  });

  it('is the only tenant that can be removed', async () => {
    const other = await makeTenant(bed);
    await expect(removeDemo(makeCtx(bed.owner, other.id, cliActor))).rejects.toMatchObject({
      code: 'unprocessable',
    });
    expect((await findTenant(bed.owner, other.slug)).isDemo).toBe(false);
  });
});
