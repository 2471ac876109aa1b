import { createDb, createSql } from '#db/client.ts';
import type { TestBed } from '#server/testing/database.ts';
import { createTestDatabase, startTestServer } from '#server/testing/postgres.ts';

/** A Postgres of its own for one campaign, with every login. */
export async function openCampaignBed(): Promise<{
  readonly bed: TestBed;
  readonly stop: () => Promise<void>;
}> {
  const { server, stop } = await startTestServer();
  const database = await createTestDatabase(server);
  const bed: TestBed = {
    database,
    app: createDb(database.appUrl, { connectionsMax: 40 }),
    worker: createDb(database.workerUrl, { connectionsMax: 2 }),
    owner: createDb(database.ownerUrl, { connectionsMax: 2 }),
    admin: createSql(database.adminUrl, { connectionsMax: 20 }),
  };
  return {
    bed,
    stop: async () => {
      const pools = [bed.app.$client, bed.worker.$client, bed.owner.$client, bed.admin];
      await Promise.all(pools.map((pool) => pool.end({ timeout: 2 })));
      await stop();
    },
  };
}
