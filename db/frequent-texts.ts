/** From so many uses on, a statement is worth being kept prepared by every connection. */
const usesMin = 8;
/** So many are kept: each costs the server some kilobytes a connection. */
const frequentMax = 400;
/** So many texts are counted before the count begins anew, or made-up filters would fill the memory. */
const countedMax = 4000;

/**
 * Counts uses of statements, and answers whether one comes often enough to be kept prepared. Drizzle
 * has every statement parsed and planned anew, which costs a second trip to the database and a plan;
 * statements whose text depends on what is asked (lists of any length) must not fill the server, so
 * only what comes again and again is kept.
 */
export function createFrequency(): (text: string) => boolean {
  const uses = new Map<string, number>();
  const frequent = new Set<string>();
  return (text) => {
    if (frequent.has(text)) return true;
    if (frequent.size >= frequentMax) return false;
    const count = (uses.get(text) ?? 0) + 1;
    if (count < usesMin) {
      if (uses.size >= countedMax) uses.clear();
      uses.set(text, count);
      return false;
    }
    uses.delete(text);
    frequent.add(text);
    return true;
  };
}

/** {@link createFrequency} of this process: every connection prepares its statements anew, of the same texts. */
export const isFrequent = createFrequency();
