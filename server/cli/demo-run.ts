import { once } from 'node:events';
import { runFleet } from '#server/demo/run-fleet.ts';
import { dataDir } from '#server/kernel/env.ts';
import { type Call, type Command, type ExitCode, requiredFlag } from './command.ts';
import type { ReadyMessage } from './supervise.ts';

async function run(call: Call): Promise<ExitCode> {
  const stopping = new AbortController();
  const stopped = stopping.signal;
  process.once('disconnect', () => stopping.abort());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopping.abort());
  }
  process.send?.({ kind: 'ready', url: null } satisfies ReadyMessage);
  try {
    const folder = dataDir(call.env);
    await runFleet({ url: requiredFlag(call, 'url'), folder, stopped, say: call.say });
    // Its budget is used up: stay, or it would be started again.
    await once(stopped, 'abort');
    return 0;
  } catch (error) {
    if (stopped.aborted) return 0;
    throw error;
  }
}

/** The fleet itself, a child of `up`: nobody else calls it, and the overview leaves it out. */
export const demoRunCommand: Command = {
  usage: '--url URL',
  summary: 'the demo fleet itself; "signalbox up" starts it',
  options: { url: { type: 'string' } },
  positionalsMin: 0,
  positionalsMax: 0,
  run,
};
