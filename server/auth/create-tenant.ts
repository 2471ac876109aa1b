import type { Db, Tx } from '#db/client.ts';
import { tenants } from '#db/schema/tenancy.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { type Actor, type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { mintTenantId, newId, type TenantId } from '#server/kernel/ids.ts';
import { tenantNameSchema, tenantSlugSchema } from './contract.ts';
import { requirePermission } from './require-permission.ts';

/**
 * Fills one part of a tenant (tools, rules) in the transaction that creates or upgrades it: adds what
 * is missing, keeps what people changed, audits only what it added. Safe to run at once with itself.
 */
export type TenantSeeder = (tx: Tx, ctx: Ctx) => Promise<void>;

export interface NewTenant {
  /** Stands in every address of the tenant; never changes. */
  readonly slug: string;
  readonly name: string;
  readonly isDemo?: boolean;
}

/**
 * Creates a tenant with everything the seeders put into it, or nothing. Needs the owner's login:
 * the application's may only see the tenant that it works in.
 * @param seeders given by whoever composes the product, because modules above this one own the tables.
 * @throws AppError `forbidden`, `unprocessable` for a bad slug or name, `conflict` when taken.
 */
export async function createTenant(
  db: Db,
  by: { readonly actor: Actor; readonly requestId: string },
  wanted: NewTenant,
  seeders: readonly TenantSeeder[],
): Promise<{ tenantId: TenantId; slug: string; ctx: Ctx }> {
  const tenantId = mintTenantId(newId('tenant'));
  const ctx: Ctx = { ...by, db, tenantId };
  requirePermission(ctx, 'tenants.create');
  const slug = tenantSlugSchema.safeParse(wanted.slug);
  const name = tenantNameSchema.safeParse(wanted.name);
  if (!slug.success || !name.success) {
    throw new AppError(
      'unprocessable',
      `The tenant’s ${slug.success ? 'name' : 'short name'} ${(slug.error ?? name.error)?.issues[0]?.message ?? 'is wrong'}.`,
    );
  }
  await withTransaction(ctx, async (tx) => {
    const made = await tx
      .insert(tenants)
      .values({ id: tenantId, slug: slug.data, name: name.data, isDemo: wanted.isDemo ?? false })
      .onConflictDoNothing({ target: tenants.slug })
      .returning({ id: tenants.id });
    if (made.length === 0) {
      throw new AppError('conflict', `There is a tenant called ${slug.data} already.`);
    }
    for (const seed of seeders) await seed(tx, ctx);
    await writeAudit(tx, ctx, {
      action: 'tenant.created',
      subject: { type: 'tenant', id: tenantId },
      detail: { slug: slug.data, name: name.data, isDemo: wanted.isDemo ?? false },
    });
  });
  return { tenantId, slug: slug.data, ctx };
}
