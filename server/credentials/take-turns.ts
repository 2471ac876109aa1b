/** Who may ask a provider now. */
export interface Turns {
  /** Does `work` when it is its turn; what is begun goes before what is not. */
  readonly take: <T>(isBegun: boolean, work: () => Promise<T>) => Promise<T>;
  /** One that answered is asked by one more at once; one that did not, by the fewest again. */
  readonly heed: (isAnswered: boolean) => void;
}

/**
 * Lets some work at once: `min` at first, and one more for each answer up to `max`. Among those that wait,
 * what has begun comes first, and then who came first: a provider that is slow finishes some, instead of
 * beginning all.
 */
export function createTurns(min: number, max: number): Turns {
  const waiting: Record<'begun' | 'new', (() => void)[]> = { begun: [], new: [] };
  let width = min;
  let working = 0;
  const admit = (): void => {
    while (working < width) {
      const next = waiting.begun.shift() ?? waiting.new.shift();
      if (next === undefined) return;
      // Handed over: nobody who comes now gets in between.
      working += 1;
      next();
    }
  };
  return {
    take: async (isBegun, work) => {
      await new Promise<void>((go) => {
        waiting[isBegun ? 'begun' : 'new'].push(go);
        admit();
      });
      try {
        return await work();
      } finally {
        working -= 1;
        admit();
      }
    },
    heed: (isAnswered) => {
      width = isAnswered ? Math.min(max, width + 1) : min;
    },
  };
}
