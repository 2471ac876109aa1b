import { isAppError } from '#server/kernel/errors.ts';
import type { Call, Command } from './command.ts';
import { fingerprintsOf, makeServices } from './make-services.ts';
import { runPart, type RunningPart } from './run-part.ts';

async function start(call: Call): Promise<RunningPart> {
  const url = call.env.SIGNALBOX_WORKER_DATABASE_URL;
  if (url === undefined) {
    throw new Error(
      'SIGNALBOX_WORKER_DATABASE_URL is not set. "signalbox up" runs everything on one machine; ' +
        '"signalbox worker" needs the worker login of a migrated database.',
    );
  }
  const services = await makeServices(call.env, 'worker', url).catch((cause: unknown) => {
    if (isAppError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The database does not answer: ${reason}`, { cause });
  });
  const { startWorker } = await import('#server/worker.ts');
  const worker = await startWorker(services, url, fingerprintsOf(call.env));
  call.say('worker follows the log');
  return {
    url: null,
    close: async () => {
      await worker.close();
      await services.db.$client.end({ timeout: 2 });
    },
  };
}

/** `signalbox worker`: the detector and the other background work alone, for several machines. */
export const workerCommand: Command = {
  usage: '',
  summary: 'run the background work alone (SIGNALBOX_WORKER_DATABASE_URL, secret files)',
  options: {},
  positionalsMin: 0,
  positionalsMax: 0,
  run: (call) => runPart(() => start(call)),
};
