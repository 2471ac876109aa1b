import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSql } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded.ts';
import { loginRoles } from '#db/grants.ts';
import { migrateDatabase } from '#db/migrate.ts';
import { createDatabase } from '#db/prepare-database.ts';

/** Where the tests' Postgres listens: handed to every test process. */
export interface TestServer {
  readonly adminUrl: string;
  /** URL with `DATABASE` and `LOGIN` to fill in; all roles share the tests' password. */
  readonly urlTemplate: string;
}

const testPassword = 'signalbox-tests-only';
const templateDatabase = 'signalbox_template';

/** Starts a throw-away Postgres with a migrated template database. */
export async function startTestServer(): Promise<{
  server: TestServer;
  stop: () => Promise<void>;
}> {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  // As root the server runs as another user, who has to enter the folder.
  chmodSync(dir, 0o711);
  const postgres = await startEmbeddedPostgres({
    dataDir: join(dir, 'data'),
    socketDir: join(dir, 'socket'),
    settings: ['fsync=off', 'full_page_writes=off', 'max_connections=400'],
  });
  const passwords = {
    owner: testPassword,
    app: testPassword,
    worker: testPassword,
    eraser: testPassword,
  };
  try {
    await createDatabase(postgres.adminUrl, templateDatabase, passwords);
    await migrateDatabase(postgres.url(templateDatabase, loginRoles.owner, testPassword));
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return {
    server: {
      adminUrl: postgres.adminUrl,
      urlTemplate: postgres.url('DATABASE', 'LOGIN', testPassword),
    },
    stop: async () => {
      await postgres.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface TestDatabase {
  readonly name: string;
  readonly appUrl: string;
  readonly workerUrl: string;
  readonly ownerUrl: string;
  /** Superuser on this database: to look at everything, never to act. */
  readonly adminUrl: string;
  readonly drop: () => Promise<void>;
}

/** A database of its own, copied from the template in about 0.1 s. */
export async function createTestDatabase(server: TestServer): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = createSql(server.adminUrl, { connectionsMax: 1 });
  try {
    await admin.unsafe(
      `create database ${name} template ${templateDatabase} owner ${loginRoles.owner}`,
    );
  } finally {
    await admin.end();
  }
  const url = (login: string) =>
    server.urlTemplate.replace('DATABASE', name).replace('LOGIN', login);
  return {
    name,
    appUrl: url(loginRoles.app),
    workerUrl: url(loginRoles.worker),
    ownerUrl: url(loginRoles.owner),
    adminUrl: server.adminUrl.replace('/postgres?', `/${name}?`),
    drop: async () => {
      const again = createSql(server.adminUrl, { connectionsMax: 1 });
      try {
        await again.unsafe(`drop database if exists ${name} with (force)`);
      } finally {
        await again.end();
      }
    },
  };
}
