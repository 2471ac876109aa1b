import { defaultFilter } from 'cmdk';

/** Below it the letters are only somewhere in the words, as those of "dark" are in "Credentials broker". */
const weakest = 0.05;

/** How well what is typed matches an item's words, from 0, not at all, to 1; a slip of the finger still does. */
export function matchScore(search: string, words: readonly string[]): number {
  const score = defaultFilter('', search, [...words]);
  return score < weakest ? 0 : score;
}
