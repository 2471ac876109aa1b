export interface LiveMerge<Item> {
  /** What to draw: what was drawn before, in its order, with its rows brought up to date. */
  readonly items: readonly Item[];
  /** Items that came in above and are held back. */
  readonly newCount: number;
  /** True when more came in than was loaded, so that `newCount` is only a lower bound. */
  readonly hasGap: boolean;
}

/**
 * Brings a drawn list up to date without moving a row. `fresh` is the list as it is now, newest
 * first, from its first page on. Rows drawn already take their new content in place; rows that left
 * the list stay until it is released, but those that the person put away (`letGo`); what came in
 * above is counted and held back; what is older than the last row that both have (more was loaded)
 * is added at the end. Not held, or with nothing drawn yet, `fresh` is what is drawn.
 */
export function mergeLiveItems<Item>(
  drawn: readonly Item[],
  fresh: readonly Item[],
  keyOf: (item: Item) => string,
  isHeld: boolean,
  letGo: ReadonlySet<string> = new Set(),
): LiveMerge<Item> {
  if (!isHeld || drawn.length === 0) return { items: fresh, newCount: 0, hasGap: false };
  const freshByKey = new Map(fresh.map((item) => [keyOf(item), item]));
  const kept = drawn
    .filter((item) => freshByKey.has(keyOf(item)) || !letGo.has(keyOf(item)))
    .map((item) => freshByKey.get(keyOf(item)) ?? item);
  const drawnKeys = new Set(kept.map(keyOf));
  const lastShared = fresh.findLastIndex((item) => drawnKeys.has(keyOf(item)));
  if (lastShared === -1) {
    return { items: kept, newCount: fresh.length, hasGap: fresh.length > 0 };
  }
  const above = fresh.slice(0, lastShared).filter((item) => !drawnKeys.has(keyOf(item)));
  const older = fresh.slice(lastShared + 1);
  return { items: [...kept, ...older], newCount: above.length, hasGap: false };
}
