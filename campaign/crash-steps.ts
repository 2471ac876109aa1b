import { setTimeout as wait } from 'node:timers/promises';

/** How long a step is tried again: a process that was killed is back long before. */
const patienceMs = 60_000;

/** Called beside the first try of a step; it may strike while the try is under way. */
export type Strike<Step extends string> = (step: Step, working: Promise<unknown>) => Promise<void>;

/** Takes one step at a time, as a caller does who is not answered: it tries again until it is. */
export class CrashSteps<Step extends string> {
  readonly #strike: Strike<Step>;
  /** Tries that got no answer and were made again. */
  retried = 0;

  constructor(strike: Strike<Step>) {
    this.#strike = strike;
  }

  /** @param step null: no strike falls beside it. @throws whatever the last try threw */
  async take<T>(step: Step | null, work: () => Promise<T>): Promise<T> {
    let isFirst = true;
    for (const deadline = Date.now() + patienceMs; ;) {
      const working = work();
      // Awaited below; until then a strike may fail it, which is no fault of its own.
      working.catch(() => undefined);
      if (isFirst && step !== null) await this.#strike(step, working);
      isFirst = false;
      try {
        return await working;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        this.retried += 1;
        await wait(50);
      }
    }
  }

  /** A request; an answer that says "later" is none. */
  send(step: Step | null, request: () => Promise<Response>): Promise<Response> {
    return this.take(step, async () => {
      const answer = await request();
      if (answer.status === 429 || answer.status >= 500) throw new Error(`${answer.status}`);
      return answer;
    });
  }
}
