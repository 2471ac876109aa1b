import type { WordList } from '#server/guard/classifier/read-words.ts';

/** Slots of one table of weights: 2^19 bytes a kind of text, after training. */
export const featureBits = 19;
export const featureSlots = 1 << featureBits;
const shift = 32 - featureBits;

/** Most features that one word can bring. */
export const featuresPerWordMax = 12;

const mix = (a: number, b: number): number =>
  Math.imul(Math.imul(a ^ (a >>> 15), 0x85ebca6b) ^ b, 0xc2b2ae35);
const slotOf = (hash: number): number => Math.imul(hash ^ (hash >>> 13), 0x9e3779b1) >>> shift;

/** Classed words further apart than this say nothing about each other. */
const reachWords = 7;

/** The last three words that have a class: what a classed word is read together with. */
let lastClass = 0;
let lastAt = -100;
let olderClass = 0;
let olderAt = -100;

/** Forgets the words of another text. */
export function beginFeatures(): void {
  lastClass = 0;
  olderClass = 0;
  lastAt = -100;
  olderAt = -100;
}

/**
 * Writes the slots of the features that end at word `at`: the word, its stem, the two and three words
 * up to it, whether it opens a sentence, and the order of word classes in its neighbourhood whatever
 * stands between them. Words are to be asked for in order.
 *
 * @returns how many slots were written from `into[offset]` on
 */
export function writeFeatures(
  words: WordList,
  at: number,
  into: Int32Array | Uint32Array,
  offset: number,
): number {
  let next = offset;
  const word = words.hashes[at] ?? 0;
  const stem = words.stems[at] ?? 0;
  into[next++] = slotOf(mix(word, 1));
  into[next++] = slotOf(mix(stem, 2));
  const isOpening = words.opens[at] === 1;
  if (isOpening) into[next++] = slotOf(mix(stem, 3));
  if (at > 0) {
    const before = words.hashes[at - 1] ?? 0;
    const two = mix(before, word);
    into[next++] = slotOf(mix(two, 4));
    into[next++] = slotOf(mix(mix(words.stems[at - 1] ?? 0, stem), 5));
    if (at > 1) into[next++] = slotOf(mix(mix(words.hashes[at - 2] ?? 0, two), 6));
  }
  const letter = words.classes[at] ?? 0;
  if (letter === 0) return next - offset;
  if (isOpening) into[next++] = slotOf(mix(letter, 7));
  if (at - lastAt <= reachWords) {
    into[next++] = slotOf(mix(mix(lastClass, letter), 8));
    if (at - olderAt <= 2 * reachWords) {
      into[next++] = slotOf(mix(mix(mix(olderClass, lastClass), letter), 9));
      into[next++] = slotOf(mix(mix(olderClass, letter), 10));
    }
  }
  olderClass = lastClass;
  olderAt = lastAt;
  lastClass = letter;
  lastAt = at;
  return next - offset;
}
