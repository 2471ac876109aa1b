import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Random } from '#server/demo/fill-template.ts';
import type { PlayedRound, PlayerOrder } from './hold-process.ts';
import { count, type HoldLedger } from './hold-round.ts';

const playerProcess = fileURLToPath(new URL('hold-process.ts', import.meta.url));
const processes = 2;
const atOnceEach = 8;
/** A process is killed after so many rounds on the average. */
const roundsPerLife = 60;
/** Somewhere within what its other rounds are doing. */
const killWithinMs = 80;

export interface Played {
  readonly processes: number;
  /** As many as were wanted, or more until all had come. */
  readonly rounds: number;
  /** Processes that were ended by kill -9, and rounds that they had open. */
  readonly killed: number;
  readonly struck: number;
}

export interface PlayShape {
  readonly rounds: number;
  /** Until it has come it goes on, but no further than this. */
  readonly hasCome: () => boolean;
  readonly mostRounds: number;
  readonly seed: number;
  readonly random: Random;
}

/**
 * Plays rounds in several processes that share nothing but the database, eight at a time in each, and ends
 * one by kill -9 now and then; another takes its place. What its open rounds were told is lost with it.
 */
export async function playInProcesses(
  table: Extract<PlayerOrder, { kind: 'begin' }>,
  shape: PlayShape,
  ledger: HoldLedger,
): Promise<Played> {
  const { rounds, mostRounds, hasCome, seed, random } = shape;
  let [next, killed, struck] = [0, 0, 0];
  const isOver = () => next >= (hasCome() ? rounds : mostRounds);
  const live = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(playerProcess);
      const open = new Set<number>();
      let isDoomed = false;
      const order = (message: PlayerOrder) => child.send(message);
      const give = (): void => {
        if (isDoomed) return;
        if (!isOver()) {
          const round = next++;
          open.add(round);
          order({ kind: 'round', round, seed: seed + round });
        } else if (open.size === 0 && child.connected) child.disconnect();
      };
      child.on('message', (message) => {
        const told = message as PlayedRound;
        open.delete(told.round);
        note(ledger, told);
        if (!isDoomed && !isOver() && random() < 1 / roundsPerLife) {
          isDoomed = true;
          setTimeout(() => child.kill('SIGKILL'), random() * killWithinMs);
        } else give();
      });
      child.once('exit', (code, signal) => {
        if (!isDoomed && code !== 0) reject(new Error(`a player ended with ${code ?? signal}`));
        if (!isDoomed) return resolve();
        killed += 1;
        struck += open.size;
        resolve(isOver() ? undefined : live());
      });
      order(table);
      for (let index = 0; index < atOnceEach; index += 1) give();
    });
  await Promise.all(Array.from({ length: processes }, live));
  return { processes, rounds: next, killed, struck };
}

function note(ledger: HoldLedger, { redeemed, counts, faults }: PlayedRound): void {
  ledger.redeemed.push(...redeemed);
  ledger.faults.push(...faults);
  for (const [what, times] of counts) {
    for (let left = times; left > 0; left -= 1) count(ledger, what);
  }
}
