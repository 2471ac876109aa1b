import { getTableName, isTable } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { createSql } from '#db/client.ts';
import { tableGrants } from '#db/grants.ts';
import { migrateDatabase } from '#db/migrate.ts';
import * as schema from '#db/schema/index.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeTenant } from '#server/testing/factories.ts';
import { uuidOf } from '#server/kernel/ids.ts';

/** Tables without a tenant of their own, each with its reason in db/schema/tenancy.ts. */
const globalTables = [
  'tenants',
  'users',
  'memberships',
  'sign_ins',
  'sign_in_failures',
  'api_key_index',
  'transmitter_index',
  'processes',
  'master_keys',
  'log_incarnation',
];

const bed = openTestDatabase();

describe('the migrated database', () => {
  it('migrates again without a change', async () => {
    await migrateDatabase(bed.database.ownerUrl);
    const rows = await bed.admin`select incarnation from log_incarnation`;
    expect(rows).toEqual([{ incarnation: 1 }]);
  });

  it('names every table in the grants', () => {
    const names = Object.values(schema).filter(isTable).map(getTableName).sort();
    expect(Object.keys(tableGrants).sort()).toEqual(names);
  });

  it('forces row-level security on every tenant table, partitions aside', async () => {
    const rows = await bed.admin<{ relname: string; forced: boolean; policies: number }[]>`
      select c.relname, c.relrowsecurity and c.relforcerowsecurity as forced,
        (select count(*)::int from pg_policy p where p.polrelid = c.oid
          and p.polname = 'tenant_isolation') as policies
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition`;
    const wrong = rows
      .filter((row) => !globalTables.includes(row.relname))
      .filter((row) => !row.forced || row.policies !== 1);
    expect(wrong).toEqual([]);
    expect(rows.length).toBe(Object.keys(tableGrants).length);
  });

  it('carries the tenant in every primary, unique and foreign key of a tenant table', async () => {
    const rows = await bed.admin<{ relname: string; conname: string }[]>`
      select c.relname, k.conname from pg_constraint k
      join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and not c.relispartition and k.contype in ('p', 'u', 'f')
        and not exists (select 1 from pg_attribute a
          where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnum = any (k.conkey))`;
    expect(rows.filter((row) => !globalTables.includes(row.relname))).toEqual([]);
  });

  it('gives the logins no way around row-level security, and no partition', async () => {
    const roles = await bed.admin`select rolname from pg_roles
      where rolname like 'signalbox%' and (rolsuper or rolbypassrls or rolcreaterole)`;
    expect(roles).toEqual([]);
    const partitions = await bed.admin`select c.relname from pg_class c
      where c.relispartition and (has_table_privilege('signalbox_app', c.oid, 'select')
        or has_table_privilege('signalbox_worker', c.oid, 'select'))`;
    expect(partitions).toEqual([]);
    const owned =
      await bed.admin`select c.relname from pg_class c join pg_roles r on r.oid = c.relowner
      where r.rolname in ('signalbox_app', 'signalbox_worker', 'signalbox_eraser')`;
    expect(owned).toEqual([]);
  });

  it('shows no row without a tenant, and only its own with one', async () => {
    const one = await makeTenant(bed);
    const two = await makeTenant(bed);
    for (const tenant of [one, two]) {
      await bed.admin`insert into agents (tenant_id, id, slug)
        values (${uuidOf(tenant.id)}, gen_random_uuid(), 'a')`;
    }
    const app = createSql(bed.database.appUrl, { connectionsMax: 1 });
    try {
      expect(await app`select slug from agents`).toEqual([]);
      const seen = await app.begin(async (tx) => {
        await tx`select set_config('app.tenant', ${uuidOf(one.id)}, true)`;
        return tx`select tenant_id from agents`;
      });
      expect(seen).toEqual([{ tenant_id: uuidOf(one.id) }]);
      // After a transaction the setting is '' and not NULL: still no rows, and no error.
      expect(await app`select slug from agents`).toEqual([]);
      await expect(
        app.begin(async (tx) => {
          await tx`select set_config('app.tenant', ${uuidOf(one.id)}, true)`;
          await tx`insert into agents (tenant_id, id, slug)
            values (${uuidOf(two.id)}, gen_random_uuid(), 'b')`;
        }),
      ).rejects.toThrow(/row-level security/);
    } finally {
      await app.end();
    }
  });

  it('keeps the log append-only for the application', async () => {
    const app = createSql(bed.database.appUrl, { connectionsMax: 1 });
    try {
      for (const table of [
        'audit_log',
        'events',
        'event_ids',
        'event_bodies',
        'alert_changes',
        'received_events',
      ]) {
        await expect(app.unsafe(`update ${table} set tenant_id = tenant_id`)).rejects.toThrow(
          /permission denied/,
        );
        await expect(app.unsafe(`delete from ${table}`)).rejects.toThrow(/permission denied/);
      }
    } finally {
      await app.end();
    }
  });
});
