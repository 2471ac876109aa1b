import { randomBytes } from 'node:crypto';
import { createDb } from '#db/client.ts';
import { readEnv } from '#server/kernel/env.ts';
import { createLog } from '#server/kernel/log.ts';
import type { Services } from '#server/kernel/services.ts';
import type { TestBed } from './database.ts';
import { testMasterKey, testPermitKey } from './hold-tools.ts';

/** Services for a test's server: the application's login, random secrets, no log below fatal. */
export function makeServices(bed: TestBed): Services {
  return {
    env: readEnv({ NODE_ENV: 'test' }),
    log: createLog('fatal', 'test'),
    db: createDb(bed.database.appUrl, { connectionsMax: 10 }),
    secrets: {
      session: randomBytes(32).toString('base64url'),
      masterKeys: [testMasterKey],
      derivationKey: testMasterKey,
      permitKey: testPermitKey,
    },
    url: 'http://127.0.0.1',
  };
}
