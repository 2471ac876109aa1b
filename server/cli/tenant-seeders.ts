import type { TenantSeeder } from '#server/auth/create-tenant.ts';

/** What a new tenant is filled with, in this order; the modules own the tables, we compose. */
export const tenantSeeders: readonly TenantSeeder[] = [];
