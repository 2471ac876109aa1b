import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import {
  cliActor,
  makeCtx,
  makePerson,
  makeTenant,
  systemActor,
} from '#server/testing/factories.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { createTenant, type TenantSeeder } from './create-tenant.ts';
import { findTenant, listTenants } from './find-tenant.ts';

const bed = openTestDatabase();
const by = { actor: cliActor, requestId: 'req' };
const newSlug = () => `n-${randomBytes(4).toString('hex')}`;

describe('createTenant', () => {
  it('creates, seeds in the same transaction and audits', async () => {
    const slug = newSlug();
    const seeder: TenantSeeder = async (tx, ctx) => {
      await writeAudit(tx, ctx, { action: 'tool.added', subject: { type: 'tool', id: 'seed' } });
    };
    const made = await createTenant(bed.owner, by, { slug, name: 'New' }, [seeder]);
    expect(await findTenant(bed.owner, slug)).toEqual({
      tenantId: made.tenantId,
      slug,
      name: 'New',
      isDemo: false,
    });
    expect((await listTenants(bed.worker)).map((tenant) => tenant.slug)).toContain(slug);
    const rows = await bed.admin`select action, actor_type, actor_id from audit_log
      where tenant_id = ${uuidOf(made.tenantId)} order by seq`;
    expect(rows.map((row) => row.action)).toEqual(['tool.added', 'tenant.created']);
    expect(rows[1]).toMatchObject({ actor_type: 'cli', actor_id: 'cli:test@localhost' });
  });

  it('creates nothing when a seeder fails', async () => {
    const slug = newSlug();
    const failing: TenantSeeder = () => Promise.reject(new Error('seed failed'));
    await expect(createTenant(bed.owner, by, { slug, name: 'New' }, [failing])).rejects.toThrow(
      'seed failed',
    );
    await expect(findTenant(bed.owner, slug)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('refuses a taken slug and a bad one', async () => {
    const slug = newSlug();
    await createTenant(bed.owner, by, { slug, name: 'New' }, []);
    await expect(createTenant(bed.owner, by, { slug, name: 'New' }, [])).rejects.toMatchObject({
      code: 'conflict',
    });
    for (const bad of ['', 'Up', '-a', 'a/b', 'a'.repeat(64), 'a b']) {
      await expect(
        createTenant(bed.owner, by, { slug: bad, name: 'New' }, []),
      ).rejects.toMatchObject({ code: 'unprocessable' });
    }
    await expect(
      createTenant(bed.owner, by, { slug: newSlug(), name: ' ' }, []),
    ).rejects.toMatchObject({ code: 'unprocessable' });
  });

  it('is refused to people and jobs, and to the application’s login', async () => {
    const tenant = await makeTenant(bed);
    const admin = await makePerson(bed, tenant.id, ['admin']);
    for (const actor of [admin, systemActor]) {
      await expect(
        createTenant(bed.owner, { actor, requestId: 'r' }, { slug: newSlug(), name: 'N' }, []),
      ).rejects.toMatchObject({ code: 'forbidden' });
    }
    await expect(createTenant(bed.app, by, { slug: newSlug(), name: 'N' }, [])).rejects.toThrow();
    // What the application cannot create it cannot see either.
    expect(await listTenants(makeCtx(bed.app, tenant.id, admin).db)).toEqual([]);
  });
});
