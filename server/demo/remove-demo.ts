import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { listTenants } from '#server/auth/find-tenant.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { deletionOrder } from './deletion-order.ts';

/** Every table that holds rows of a tenant, partitions aside. */
const tenantTables = sql`
  select c.relname as name from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
  where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
  order by c.relname`;

const foreignKeys = sql`
  select child.relname as child, parent.relname as parent from pg_constraint k
  join pg_class child on child.oid = k.conrelid
  join pg_class parent on parent.oid = k.confrelid
  where k.contype = 'f'`;

async function tablesToEmpty(tx: Tx): Promise<readonly string[]> {
  const tables = await tx.execute<{ name: string }>(tenantTables);
  const references = await tx.execute<{ child: string; parent: string }>(foreignKeys);
  return deletionOrder(
    tables.map(({ name }) => name),
    [...references],
  );
}

/**
 * Removes the demo tenant with everything in it, and the people who belong to no other tenant. Its
 * own audit rows go too; the other tenants of this database get one that says so. Needs the owner's
 * login. @throws AppError `forbidden`, `unprocessable` for a tenant that is no demo.
 */
export async function removeDemo(ctx: Ctx): Promise<void> {
  requirePermission(ctx, 'demo.manage');
  const tenants = await listTenants(ctx.db);
  const demo = tenants.find((one) => one.tenantId === ctx.tenantId);
  if (!demo?.isDemo) {
    throw new AppError('unprocessable', 'Only a demo tenant can be removed.');
  }
  const id = uuidOf(ctx.tenantId);
  await withTransaction(ctx, async (tx) => {
    const tables = await tablesToEmpty(tx);
    const people = sql`select user_id from memberships where tenant_id = ${id}`;
    const members = await tx.execute<{ user_id: string }>(people);
    for (const table of tables) {
      await tx.execute(sql`delete from ${sql.identifier(table)} where tenant_id = ${id}`);
    }
    for (const { user_id: userId } of members) {
      const isElsewhere = sql`exists (select 1 from memberships where user_id = ${userId})`;
      await tx.execute(sql`delete from sign_ins where user_id = ${userId} and not ${isElsewhere}`);
      await tx.execute(sql`delete from users where id = ${userId} and not ${isElsewhere}`);
    }
    await tx.execute(sql`delete from tenants where id = ${id}`);
  });
  for (const other of tenants.filter((one) => one.tenantId !== ctx.tenantId)) {
    const there: Ctx = { ...ctx, tenantId: other.tenantId };
    await withTransaction(there, (tx) =>
      writeAudit(tx, there, {
        action: 'demo.removed',
        subject: { type: 'tenant', id: ctx.tenantId },
        detail: { slug: demo.slug },
      }),
    );
  }
}
