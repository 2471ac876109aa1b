import type { Db } from '#db/client.ts';
import { type Actor, type Ctx, withTransaction } from '#server/kernel/context.ts';
import type { TenantSeeder } from './create-tenant.ts';
import { listTenants } from './find-tenant.ts';
import { requirePermission } from './require-permission.ts';

/**
 * Gives every tenant what this build ships and it has not got yet, one transaction a tenant. Runs
 * with `migrate`, not when a worker starts: in a cluster that is half upgraded an older worker would
 * put its older rules back. Needs the owner's login; safe to run again and several times at once,
 * as every seeder is.
 * @throws AppError `forbidden`.
 */
export async function upgradeTenants(
  db: Db,
  by: { readonly actor: Actor; readonly requestId: string },
  seeders: readonly TenantSeeder[],
): Promise<void> {
  for (const { tenantId } of await listTenants(db)) {
    const ctx: Ctx = { ...by, db, tenantId };
    requirePermission(ctx, 'tenants.create');
    // no-audit: each seeder writes the row of what it added.
    await withTransaction(ctx, async (tx) => {
      for (const seed of seeders) await seed(tx, ctx);
    });
  }
}
