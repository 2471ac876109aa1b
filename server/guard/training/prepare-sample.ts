import { readWords } from '#server/guard/classifier/read-words.ts';
import {
  beginFeatures,
  featuresPerWordMax,
  writeFeatures,
} from '#server/guard/classifier/word-features.ts';
import type { PreparedSample, Sample } from '#server/guard/training/contract.ts';

/** Texts are learned from up to here. */
const trainingWordsMax = 4000;

/** Works out the features of a text once. */
export function prepareSample(sample: Sample): PreparedSample {
  const words = readWords(sample.text);
  const count = Math.min(words.count, trainingWordsMax);
  const slots = new Uint32Array(count * featuresPerWordMax);
  const begins = new Uint32Array(count + 1);
  beginFeatures();
  let next = 0;
  for (let at = 0; at < count; at += 1) {
    begins[at] = next;
    next += writeFeatures(words, at, slots, next);
  }
  begins[count] = next;
  let spanFrom = 0;
  let spanTo = count;
  if (sample.span !== null) {
    const [start, end] = sample.span;
    while (spanFrom < count && (words.ends[spanFrom] ?? 0) <= start) spanFrom += 1;
    spanTo = spanFrom;
    while (spanTo < count && (words.starts[spanTo] ?? 0) < end) spanTo += 1;
  }
  return { sample, slots: slots.slice(0, next), begins, words: count, spanFrom, spanTo };
}

/** Which features a reading leaves out: another draw with each `salt`. */
export interface Drop {
  readonly salt: number;
  readonly share: number;
}
const noDrop: Drop = { salt: 0, share: 0 };

export const isDropped = (slot: number, { salt, share }: Drop): boolean =>
  share > 0 && Math.imul(slot ^ salt, 0x9e3779b1) >>> 8 < share * 0x1000000;

let sums = new Float64Array(trainingWordsMax + 1);

/** Running sums of the words' weights over all tables, valid until the next call. */
export function sumWords(
  item: PreparedSample,
  tables: readonly Float32Array[],
  drop: Drop = noDrop,
): Float64Array {
  if (sums.length <= item.words) sums = new Float64Array(item.words + 1);
  let sum = 0;
  for (let at = 0; at < item.words; at += 1) {
    const end = item.begins[at + 1] ?? 0;
    for (let index = item.begins[at] ?? 0; index < end; index += 1) {
      const slot = item.slots[index] ?? 0;
      if (isDropped(slot, drop)) continue;
      for (const table of tables) sum += table[slot] ?? 0;
    }
    sums[at + 1] = sum;
  }
  return sums;
}
