/** Does the same for many at once; answers for each, in order. */
export type WorkTogether<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GatherOptions {
  /** How many are done together at most. */
  readonly max: number;
  /** Whether a failure of many may be the fault of one: then each is done by itself. */
  readonly isWorthSplitting: (error: unknown) => boolean;
}

/**
 * Gathers what arrives while the last is being done, and does it together: whoever comes alone waits for
 * nobody, and a crowd shares the cost. What is answered for an item is answered once it is done.
 */
export function gather<Item, Result>(
  together: WorkTogether<Item, Result>,
  { max, isWorthSplitting }: GatherOptions,
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let isBusy = false;
  const settle = async (group: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await together(group.map(({ item }) => item));
      if (results.length !== group.length) throw new Error('not an answer for each');
      for (const [index, one] of group.entries()) one.resolve(results[index] as Result);
    } catch (error) {
      if (group.length > 1 && isWorthSplitting(error)) {
        for (const one of group) await settle([one]);
      } else for (const one of group) one.reject(error);
    }
  };
  const pump = async (): Promise<void> => {
    while (waiting.length > 0) await settle(waiting.splice(0, max));
    isBusy = false;
  };
  return (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isBusy) return;
      isBusy = true;
      // Those that arrive in the same turn of the loop are of the first group already.
      setImmediate(() => void pump());
    });
}
