import { createDb } from '#db/client.ts';
import { migrateDatabase } from '#db/migrate.ts';
import { upgradeTenants } from '#server/auth/upgrade-tenants.ts';
import { commandLine } from './actor.ts';
import { tenantSeeders } from './tenant-seeders.ts';

/**
 * Brings the database to the current schema and every tenant to what this build ships (rules,
 * tools). Safe to run again and from several machines at once.
 * @param ownerUrl of the owner's login.
 */
export async function migrateAll(ownerUrl: string): Promise<void> {
  await migrateDatabase(ownerUrl);
  const db = createDb(ownerUrl, { connectionsMax: 1, applicationName: 'signalbox-migrate' });
  try {
    await upgradeTenants(db, commandLine(), tenantSeeders);
  } finally {
    await db.$client.end({ timeout: 5 });
  }
}
