/**
 * The web without its pages, as a process that can be killed: the same server, started by the same
 * parts as `signalbox web`, and ready in a second because nothing has to be drawn.
 */
import { fingerprintsOf, makeServices } from '#server/cli/make-services.ts';
import { runPart } from '#server/cli/run-part.ts';
import { startWeb } from '#server/http/main.ts';
import { keepProcessRow } from '#server/jobs/keep-process-row.ts';
import { readEnv } from '#server/kernel/env.ts';

const env = readEnv();
const status = await runPart(async () => {
  if (env.DATABASE_URL === undefined) throw new Error('DATABASE_URL is not set');
  const services = await makeServices(env, 'web', env.DATABASE_URL);
  const web = await startWeb({ services, host: env.HOST, port: env.PORT, hasPages: false });
  const row = await keepProcessRow(services.db, services.log, 'web', fingerprintsOf(env));
  return {
    url: `http://127.0.0.1:${web.port}`,
    close: async () => {
      await web.close();
      await row.close();
      await services.db.$client.end({ timeout: 2 });
    },
  };
});
process.exit(status);
