import type { Sql } from 'postgres';
import { afterAll, beforeAll, inject } from 'vitest';
import { createDb, createSql, type Db } from '#db/client.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';

export interface TestBed {
  /** The application's login: row-level security binds it. */
  readonly app: Db;
  readonly worker: Db;
  readonly owner: Db;
  /** Superuser: assertions about what is really stored. */
  readonly admin: Sql;
  readonly database: TestDatabase;
}

/**
 * A real database for the tests of this file, one for all of them: each test makes its own tenant.
 * Call at the top level of a file; the fields are there inside tests.
 */
export function openTestDatabase(): TestBed {
  const holder: { bed: TestBed | null } = { bed: null };
  beforeAll(async () => {
    const database = await createTestDatabase(inject('testServer'));
    holder.bed = {
      database,
      app: createDb(database.appUrl, { connectionsMax: 20 }),
      worker: createDb(database.workerUrl, { connectionsMax: 5 }),
      owner: createDb(database.ownerUrl, { connectionsMax: 2 }),
      admin: createSql(database.adminUrl, { connectionsMax: 2 }),
    };
  });
  afterAll(async () => {
    const made = holder.bed;
    if (!made) return;
    await Promise.all([
      made.app.$client.end(),
      made.worker.$client.end(),
      made.owner.$client.end(),
      made.admin.end(),
    ]);
    await made.database.drop();
  });
  return new Proxy({} as TestBed, {
    get: (_target, key) => {
      if (!holder.bed) throw new Error('the database is there only inside tests');
      return holder.bed[key as keyof TestBed];
    },
  });
}
