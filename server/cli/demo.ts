import { setTimeout as wait } from 'node:timers/promises';
import { createDb } from '#db/client.ts';
import { findTenant } from '#server/auth/find-tenant.ts';
import { removeDemoState } from '#server/demo/demo-state.ts';
import { removeDemo } from '#server/demo/remove-demo.ts';
import { startDemo } from '#server/demo/start-demo.ts';
import { stopDemo } from '#server/demo/stop-demo.ts';
import { dataDir } from '#server/kernel/env.ts';
import { contextOf } from './actor.ts';
import { isLoopbackHost } from './check-address.ts';
import type { Call, Command, ExitCode } from './command.ts';
import { demoTenant, fillEmptyDatabase } from './first-run.ts';
import { openDatabase, withOwnerDatabase } from './open-database.ts';
import { readRunning } from './running.ts';

const common = { options: {}, positionalsMin: 0, positionalsMax: 0, usage: '' } as const;

/** `up` looks at the demo's state each second, and its fleet ends at once. */
const fleetEndMs = 15_000;

async function start(call: Call): Promise<ExitCode> {
  if (!isLoopbackHost(call.env.HOST)) {
    throw new Error(`The demo runs on this machine alone; HOST is ${call.env.HOST}.`);
  }
  const folder = dataDir(call.env);
  const people = await withOwnerDatabase(call.env, 'demo start', async (db) => {
    const made = await fillEmptyDatabase(db, call.env.SIGNALBOX_BOOTSTRAP_PASSWORD ?? null);
    await startDemo(await contextOf(db, demoTenant), folder);
    return made;
  });
  const isUp = readRunning(folder) !== null;
  const lines = (people ?? []).map(({ email, password }) => `  ${email.padEnd(24)} ${password}`);
  call.answer(
    { tenant: demoTenant, isRunning: isUp, people: people ?? [] },
    [isUp ? 'The demo fleet starts.' : 'The demo fleet starts with "signalbox up".', ...lines].join(
      '\n',
    ),
  );
  return 0;
}

async function stop(call: Call): Promise<ExitCode> {
  const folder = dataDir(call.env);
  await withOwnerDatabase(call.env, 'demo stop', async (db) =>
    stopDemo(await contextOf(db, demoTenant), folder),
  );
  await waitForFleetEnd(folder);
  call.answer({ tenant: demoTenant, isRunning: false }, 'The demo fleet has stopped.');
  return 0;
}

async function waitForFleetEnd(folder: string): Promise<void> {
  for (const deadline = Date.now() + fleetEndMs; readRunning(folder)?.hasFleet;) {
    if (Date.now() > deadline) throw new Error('The demo fleet does not end; stop "signalbox up".');
    await wait(100);
  }
}

async function remove(call: Call): Promise<ExitCode> {
  const folder = dataDir(call.env);
  const database = await openDatabase(call.env, 'demo remove');
  const db = createDb(database.urls.owner, { connectionsMax: 2 });
  try {
    await findTenant(db, demoTenant);
    const ctx = await contextOf(db, demoTenant);
    await stopDemo(ctx, folder);
    await waitForFleetEnd(folder);
    await removeDemo(ctx);
    removeDemoState(folder);
  } finally {
    await db.$client.end({ timeout: 5 });
    await database.close();
  }
  call.answer(
    { tenant: demoTenant, isRemoved: true },
    'The demo tenant and all its data are gone.',
  );
  return 0;
}

/** `signalbox demo start`: the fleet, and on an empty database its tenant and people. */
export const demoStartCommand: Command = {
  ...common,
  summary: 'let the demo fleet work in tenant demo (loopback HOST only)',
  run: start,
};

/** `signalbox demo stop`: the fleet rests; its tenant stays. */
export const demoStopCommand: Command = { ...common, summary: 'end the demo fleet', run: stop };

/** `signalbox demo remove`: tenant, people and events of the demo are gone. */
export const demoRemoveCommand: Command = {
  ...common,
  summary: 'remove the demo tenant with its people and events',
  run: remove,
};
