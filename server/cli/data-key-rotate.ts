import { createLocalKeyManagement } from '#server/credentials/key-management.ts';
import { rotateDataKey } from '#server/credentials/rotate-data-key.ts';
import { contextOf } from './actor.ts';
import { type Call, type Command, type ExitCode, requiredFlag } from './command.ts';
import { readSecrets } from './make-services.ts';
import { withOwnerDatabase } from './open-database.ts';

async function run(call: Call): Promise<ExitCode> {
  const tenant = requiredFlag(call, 'tenant');
  const keys = createLocalKeyManagement(...readSecrets(call.env).masterKeys);
  const done = await withOwnerDatabase(call.env, 'data-key rotate', async (db) =>
    rotateDataKey(await contextOf(db, tenant), keys, (secrets) => {
      call.say(`${secrets} secrets sealed anew`);
    }),
  );
  const { version, secrets, destroyed } = done;
  const gone = destroyed.length === 0 ? 'none' : destroyed.join(', ');
  call.answer(
    { version, secrets, destroyed },
    `data key ${version} seals from now on; ${secrets} secrets sealed anew; destroyed: ${gone}`,
  );
  return 0;
}

/** `signalbox data-key rotate`: a new data key for the broker's secrets of one tenant. */
export const dataKeyRotateCommand: Command = {
  usage: '--tenant T',
  summary: 'seal the broker’s secrets of a tenant under a new data key, and destroy the old one',
  options: { tenant: { type: 'string' } },
  positionalsMin: 0,
  positionalsMax: 0,
  run,
};
