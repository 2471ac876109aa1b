import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '#server/demo/fill-template.ts';
import type { CrashStack, Victim } from './crash-stack.ts';

/** A strike beside a request or behind an answer falls within so long. */
const spreadMs = 25;
const patienceMs = 60_000;

/** One kill -9 of a round, at its step, and the start again. */
export class CrashBlow<Step extends string> {
  readonly victim: Victim;
  readonly step: Step;
  readonly #stack: CrashStack;
  readonly #delayMs: number;
  readonly #outageMs: number;
  #isDue = true;
  #restarted: Promise<void> | null = null;

  /** @param outageMs for so long what was killed stays away */
  constructor(
    stack: CrashStack,
    { victim, step }: { readonly victim: Victim; readonly step: Step },
    random: Random,
    outageMs = 0,
  ) {
    this.#stack = stack;
    this.victim = victim;
    this.step = step;
    this.#delayMs = random() * spreadMs;
    this.#outageMs = outageMs;
  }

  /** Whether it falls at this step; true once. */
  take(step: Step): boolean {
    const isMine = this.#isDue && step === this.step;
    if (isMine) this.#isDue = false;
    return isMine;
  }

  /** Beside a request that is under way: anywhere from before its arrival to after its commit. */
  async beside(step: Step, working: Promise<unknown>): Promise<void> {
    if (!this.take(step)) return;
    await Promise.race([working.catch(() => undefined), this.pause()]);
    await this.fall();
    await this.over();
  }

  /** The moment that this blow waits where nothing tells it when to fall. */
  pause(): Promise<void> {
    return wait(this.#delayMs);
  }

  /** What was held back is let go while the victim is away: a worker then writes to nobody. */
  async fall(): Promise<void> {
    await this.#stack.kill(this.victim);
    this.#stack.proxy.cut();
    this.#stack.proxy.release();
    this.#restarted = wait(this.#outageMs).then(() => this.#stack.restart(this.victim));
    // Looked at by whoever waits for it.
    this.#restarted.catch(() => undefined);
  }

  /** Resolves once it has fallen and everything is up again. @throws Error when its step never came */
  async over(): Promise<void> {
    for (const deadline = Date.now() + patienceMs; this.#restarted === null; await wait(5)) {
      if (Date.now() > deadline) throw new Error(`the step ${this.step} never came`);
    }
    await this.#restarted;
  }
}
