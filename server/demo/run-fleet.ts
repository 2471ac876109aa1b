import { setTimeout as wait } from 'node:timers/promises';
import { demoAgents } from '#db/scenarios/index.ts';
import { paymentScenarios } from '#db/scenarios/payments.ts';
import type { Scenario } from '#db/scenarios/scenario.ts';
import { postEvents } from '#server/cli/post-events.ts';
import { readDemoState, readProgress, writeProgress } from './demo-state.ts';
import { seededRandom } from './fill-template.ts';
import { followControl } from './follow-control.ts';
import { createHoldClient } from './hold-client.ts';
import { demoEventsMax, nextIncident, nextQuietRun } from './plan-fleet.ts';
import { keepPaying } from './run-payments.ts';
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
/** What a model takes before it asks for an action. */
const thinkMs = 2_500;

/** Posts the events of one run as they fall due, through the public door, with the agent's key. */
async function playRun(
  options: FleetOptions,
  key: string,
  played: readonly PlayedEvent[],
  halted: AbortSignal,
): Promise<void> {
  const door = { url: options.url, key };
  const signal = AbortSignal.any([options.stopped, halted]);
  for (let from = 0; from < played.length;) {
    const first = played[from];
    if (!first) return;
    await wait(Math.max(0, first.atMs - Date.now()), undefined, { signal });
    const beyond = played.findIndex((one, at) => at > from && one.atMs > first.atMs + gatherMs);
    const to = beyond === -1 ? played.length : beyond;
    const last = played[to - 1] ?? first;
    await wait(Math.max(0, last.atMs - Date.now()), undefined, { signal });
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
  const { door, follow } = connectAgents(options);
  const begin = async (scenario: Scenario) => {
    const { key } = door(scenario.agent);
    const control = follow(scenario.agent);
    // An agent that is stopped begins nothing; the others go on.
    if (control.isHalted()) return;
    const halted = control.nextHalt();
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
    try {
      await playRun(options, key, played, halted);
    } catch (error) {
      if (options.stopped.aborted || !halted.aborted) throw error;
    }
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
  const payments = paymentScenarios.map((scenario) =>
    keepPaying(
      {
        scenario,
        door: door(scenario.agent),
        client: createHoldClient(door(scenario.agent), options.stopped),
        control: follow(scenario.agent),
        instanceId: instanceOf(scenario.agent),
        stopped: options.stopped,
        random: seededRandom(startedMs + scenario.firstMs),
        think: () => wait(thinkMs, undefined, { signal: options.stopped }),
        onPosted: (events) => {
          const progress = readProgress(options.folder);
          writeProgress(options.folder, { ...progress, posted: progress.posted + events });
        },
      },
      () => posted() < demoEventsMax,
    ),
  );
  await Promise.all([quiet(), incidents(), ...payments]);
  options.say('The demo has used its budget of events; "signalbox demo remove" makes room.');
}

const instanceOf = (agent: string) => `${agent}-1`;

/** Each agent's own key, and its own ear for stops. */
function connectAgents({ url, folder, stopped }: FleetOptions) {
  const door = (agent: string) => {
    const key = readDemoState(folder)?.keys[agent];
    if (key === undefined) throw new Error(`the demo has no key for ${agent}`);
    return { url, key };
  };
  const followers = new Map(
    demoAgents.map((agent) => [
      agent,
      followControl({ door: door(agent), instanceId: instanceOf(agent), stopped }),
    ]),
  );
  const follow = (agent: string) => {
    const follower = followers.get(agent);
    if (follower === undefined) throw new Error(`the demo does not know ${agent}`);
    return follower;
  };
  return { door, follow };
}
