import { eq } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { tenants } from '#db/schema/tenancy.ts';
import { AppError } from '#server/kernel/errors.ts';
import { mintTenantId, type TenantId } from '#server/kernel/ids.ts';

/** A tenant as the command line and the worker see it. */
export interface FoundTenant {
  readonly tenantId: TenantId;
  readonly slug: string;
  readonly name: string;
  readonly isDemo: boolean;
}

const columns = {
  id: tenants.id,
  slug: tenants.slug,
  name: tenants.name,
  isDemo: tenants.isDemo,
};

function found(row: { id: TenantId; slug: string; name: string; isDemo: boolean }): FoundTenant {
  const { id, ...rest } = row;
  return { ...rest, tenantId: mintTenantId(id) };
}

/**
 * The tenant of a slug, for the command line: only the owner's and the worker's login see tenants
 * that they do not work in. @throws AppError `not_found`.
 */
export async function findTenant(db: Db, slug: string): Promise<FoundTenant> {
  const [row] = await db.select(columns).from(tenants).where(eq(tenants.slug, slug));
  if (!row) throw new AppError('not_found', `There is no tenant called ${slug}.`);
  return found(row);
}

/** Every tenant, by slug; same logins as {@link findTenant}. */
export async function listTenants(db: Db): Promise<FoundTenant[]> {
  const rows = await db.select(columns).from(tenants).orderBy(tenants.slug);
  return rows.map(found);
}
