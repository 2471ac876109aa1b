import type { TextKind } from '#server/guard/contract.ts';

/**
 * Lengths of the windows that a text is read in, in words. What a tool returns hides an attack in a
 * sentence of its own; what a user types is one as a whole.
 */
const windowWords: Readonly<Record<TextKind, readonly number[]>> = {
  user_input: [24, 64, 200],
  tool_output: [10, 24],
};
/** A shorter text counts as this long, so that one odd word does not make it. */
const windowWordsMin = 6;

/** The window of a text that speaks loudest. */
export interface LoudestWindow {
  /** Sum of its weights over the root of its length: comparable between lengths. */
  value: number;
  /** First word, and the word behind the last. */
  from: number;
  to: number;
}

/** What a word of a window of so many weighs. */
export const windowScale = (words: number): number =>
  1 / Math.sqrt(Math.max(words, windowWordsMin));

/**
 * Finds the loudest window from running sums of the words' weights: `sums[n]` is the sum of the first
 * `n`. Only windows between the words `first` and `last` (exclusive) are looked at.
 */
export function loudestWindow(
  kind: TextKind,
  sums: Float64Array,
  first: number,
  last: number,
  into: LoudestWindow,
): LoudestWindow {
  into.value = -Infinity;
  into.from = first;
  into.to = last;
  const count = last - first;
  if (count <= 0) {
    into.value = 0;
    return into;
  }
  for (const words of windowWords[kind]) {
    const size = Math.min(words, count);
    const scale = windowScale(size);
    for (let end = first + size; end <= last; end += 1) {
      const value = ((sums[end] ?? 0) - (sums[end - size] ?? 0)) * scale;
      if (value <= into.value) continue;
      into.value = value;
      into.from = end - size;
      into.to = end;
    }
    if (size === count) break;
  }
  return into;
}
