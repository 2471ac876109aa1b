/** Does `work` when it is its turn; what is begun goes before what is not. */
export type TakeTurn = <T>(isBegun: boolean, work: () => Promise<T>) => Promise<T>;

/**
 * Lets `max` work at once. Among those that wait, what has begun comes first, and then who came first:
 * a provider that is slow finishes some, instead of beginning all.
 */
export function createTurns(max: number): TakeTurn {
  const waiting: Record<'begun' | 'new', (() => void)[]> = { begun: [], new: [] };
  let free = max;
  return async (isBegun, work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting[isBegun ? 'begun' : 'new'].push(go));
    try {
      return await work();
    } finally {
      const next = waiting.begun.shift() ?? waiting.new.shift();
      // Handed over: nobody who comes now gets in between.
      if (next === undefined) free += 1;
      else next();
    }
  };
}
