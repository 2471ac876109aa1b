import { createSql } from '#db/client.ts';
import { keepProcessRow } from '#server/jobs/keep-process-row.ts';
import type { Env } from '#server/kernel/env.ts';
import { findFreePort } from './free-port.ts';
import { localUrl, refusalOfAddress, refusalOfDemo } from './check-address.ts';
import type { Call, Command } from './command.ts';
import { fingerprintsOf, makeServices } from './make-services.ts';
import { runPart, type RunningPart } from './run-part.ts';

/** The application's login. @throws Error when the environment names none. */
function databaseUrlOf(env: Env): string {
  if (env.DATABASE_URL !== undefined) return env.DATABASE_URL;
  throw new Error(
    'DATABASE_URL is not set. "signalbox up" runs everything on one machine; "signalbox web" ' +
      'needs the application login of a migrated database.',
  );
}

/** Whether the database answers and whether it holds a demo tenant. @throws Error saying why not. */
async function askDatabase(url: string): Promise<{ hasDemo: boolean }> {
  const sql = createSql(url, { connectionsMax: 1 });
  try {
    const [row] = await sql<{ found: boolean }[]>`select demo_tenant_exists() as found`;
    return { hasDemo: row?.found ?? true };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The database is not ready (${reason}); run "signalbox migrate".`, { cause });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function start(call: Call): Promise<RunningPart> {
  const { env } = call;
  const refusal = refusalOfAddress({
    host: env.HOST,
    publicUrl: env.SIGNALBOX_URL ?? null,
    trustProxy: env.SIGNALBOX_TRUST_PROXY ?? null,
  });
  if (refusal !== null) throw new Error(refusal);
  const databaseUrl = databaseUrlOf(env);
  // Links and cookies carry the port, so it has to be known before anything is made of it.
  const port = env.PORT === 0 ? await findFreePort(env.HOST) : env.PORT;
  const { hasDemo } = await askDatabase(databaseUrl);
  const demoRefusal = refusalOfDemo(env.HOST, hasDemo, call.flags['allow-demo'] === true);
  if (demoRefusal !== null) throw new Error(demoRefusal);
  const services = await makeServices({ ...env, PORT: port }, 'web', databaseUrl);
  // Loaded here: the overview of commands must not load Next.
  const { startWeb } = await import('#server/http/main.ts');
  const web = await startWeb({
    services,
    host: env.HOST,
    port,
    isDevelopment: call.flags['dev'] === true,
  });
  const row = await keepProcessRow(services.db, services.log, 'web', fingerprintsOf(env));
  const url = localUrl(env.HOST, web.port);
  call.say(`web listens on ${url}`);
  return {
    url,
    close: async () => {
      await web.close();
      // The database may be gone already: the row is then forgotten by age.
      await row.close().catch(() => undefined);
      await services.db.$client.end({ timeout: 2 });
    },
  };
}

/** `signalbox web`: pages and doors alone, for several machines. */
export const webCommand: Command = {
  usage: '[--allow-demo] [--dev]',
  summary: 'run the pages and the machine doors alone (DATABASE_URL, secret files)',
  options: { 'allow-demo': { type: 'boolean' }, dev: { type: 'boolean' } },
  positionalsMin: 0,
  positionalsMax: 0,
  run: (call) => runPart(() => start(call)),
};
