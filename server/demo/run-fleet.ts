import { setTimeout as wait } from 'node:timers/promises';
import type { Scenario } from '#db/scenarios/scenario.ts';
import { postEvents } from '#server/cli/post-events.ts';
import { readDemoState, readProgress, writeProgress } from './demo-state.ts';
import { seededRandom } from './fill-template.ts';
import { nextIncident, nextQuietRun } from './plan-fleet.ts';
import { type PlayedEvent, playScenario } from './play-scenario.ts';

export interface FleetOptions {
  /** Where the web listens on this machine. */
  readonly url: string;
  /** Data folder: the demo's state and keys. */
  readonly folder: string;
  readonly stopped: AbortSignal;
  readonly say: (line: string) => void;
}

/** What falls due within this time travels in one batch: a loop posts hundreds a second. */
const gatherMs = 250;

/** Posts the events of one run as they fall due, through the public door, with the agent's key. */
async function playRun(
  options: FleetOptions,
  key: string,
  played: readonly PlayedEvent[],
): Promise<void> {
  const door = { url: options.url, key };
  for (let from = 0; from < played.length;) {
    const first = played[from];
    if (!first) return;
    await wait(Math.max(0, first.atMs - Date.now()), undefined, { signal: options.stopped });
    const beyond = played.findIndex((one, at) => at > from && one.atMs > first.atMs + gatherMs);
    const to = beyond === -1 ? played.length : beyond;
    const last = played[to - 1] ?? first;
    await wait(Math.max(0, last.atMs - Date.now()), undefined, { signal: options.stopped });
    await postEvents(
      door,
      played.slice(from, to).map((one) => one.event),
      { stopped: options.stopped },
    );
    from = to;
  }
}

/**
 * Lets the demo's agents work until stopped or until their budget of events is used up: ordinary
 * runs one after the other, incidents at their times beside them. Every word is seeded by the number
 * of the run.
 */
export async function runFleet(options: FleetOptions): Promise<void> {
  const startedMs = Date.now();
  const begin = async (scenario: Scenario) => {
    const key = readDemoState(options.folder)?.keys[scenario.agent];
    if (key === undefined) throw new Error(`the demo has no key for ${scenario.agent}`);
    const progress = readProgress(options.folder);
    const startMs = Date.now();
    const played = playScenario(scenario, {
      id: `${startMs.toString(36)}-${progress.runs}`,
      startMs,
      random: seededRandom(progress.runs),
    });
    writeProgress(options.folder, {
      runs: progress.runs + 1,
      posted: progress.posted + played.length,
    });
    await playRun(options, key, played);
  };
  const posted = () => readProgress(options.folder).posted;

  const quiet = async () => {
    const random = seededRandom(startedMs);
    for (let next = nextQuietRun(posted(), random); next; next = nextQuietRun(posted(), random)) {
      await begin(next.scenario);
      await wait(next.pauseMs, undefined, { signal: options.stopped });
    }
  };
  const incidents = async () => {
    let next = nextIncident(0, posted());
    for (let n = 1; next; n += 1) {
      await wait(Math.max(0, startedMs + next.atMs - Date.now()), undefined, {
        signal: options.stopped,
      });
      await begin(next.scenario);
      next = nextIncident(n, posted());
    }
  };
  await Promise.all([quiet(), incidents()]);
  options.say('The demo has used its budget of events; "signalbox demo remove" makes room.');
}
