import { seedTools } from '#server/agents/seed-tools.ts';
import type { TenantSeeder } from '#server/auth/create-tenant.ts';
import { seedRules } from '#server/detection/seed-rules.ts';

/** What a new tenant is filled with, in this order; the modules own the tables, we compose. */
export const tenantSeeders: readonly TenantSeeder[] = [seedTools, seedRules];
