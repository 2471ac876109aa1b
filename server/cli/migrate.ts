import { databaseStatements, randomPassword, roleStatements } from '#db/prepare-database.ts';
import type { Call, Command, ExitCode } from './command.ts';
import { migrateAll } from './migrate-all.ts';
import { openDatabase } from './open-database.ts';

/** The SQL that an administrator of a managed Postgres runs once, with fresh passwords. */
function printRoles(call: Call): void {
  const url = call.env.SIGNALBOX_OWNER_DATABASE_URL ?? call.env.DATABASE_URL;
  const name = url === undefined ? 'signalbox' : decodeURIComponent(new URL(url).pathname.slice(1));
  const statements = [
    ...roleStatements({
      owner: randomPassword(),
      app: randomPassword(),
      worker: randomPassword(),
      eraser: randomPassword(),
    }),
    ...databaseStatements(name),
  ];
  const sql = [
    `-- Run once as an administrator, connected to database "${name}". It sets new passwords: keep`,
    '-- them, put them into DATABASE_URL (signalbox_app), SIGNALBOX_WORKER_DATABASE_URL and',
    '-- SIGNALBOX_OWNER_DATABASE_URL, then run "signalbox migrate", which makes the tables.',
    ...statements.map((statement) => `${statement.replaceAll(/\s*\n\s*/g, '\n  ')};`),
  ].join('\n');
  call.answer({ database: name, sql }, sql);
}

async function run(call: Call): Promise<ExitCode> {
  if (call.flags['print'] === true) {
    printRoles(call);
    return 0;
  }
  const database = await openDatabase(call.env, 'migrate');
  try {
    await migrateAll(database.urls.owner);
  } finally {
    await database.close();
  }
  call.answer(
    { ok: true },
    'The database has the current schema, and every tenant the rules and tools of this version.',
  );
  return 0;
}

/** `signalbox migrate`: roles, schema, grants and what is shipped to tenants, safe to run again. */
export const migrateCommand: Command = {
  usage: '[--print]',
  summary: 'bring the database to the current schema; --print writes the SQL of roles and grants',
  options: { print: { type: 'boolean' } },
  positionalsMin: 0,
  positionalsMax: 0,
  run,
};
