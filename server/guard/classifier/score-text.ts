import { calibrate } from '#server/guard/classifier/calibrate.ts';
import type { InjectionModel } from '#server/guard/classifier/model-file.ts';
import { type LoudestWindow, loudestWindow } from '#server/guard/classifier/pool-windows.ts';
import { readWords } from '#server/guard/classifier/read-words.ts';
import {
  beginFeatures,
  featuresPerWordMax,
  writeFeatures,
} from '#server/guard/classifier/word-features.ts';
import type { TextKind } from '#server/guard/contract.ts';

/** How far a text reads like an instruction that its reader is not meant to take. */
export interface TextScore {
  /** 0–1, comparable between kinds; `calibrate.ts` says what it means. */
  readonly score: number;
  /** UTF-16 offsets of the window that decided. */
  readonly start: number;
  readonly end: number;
}

const slots = new Int32Array(featuresPerWordMax);
let sums = new Float64Array(4096);
const window: LoudestWindow = { value: 0, from: 0, to: 0 };

/** Scores a text as it stands. Linear in its length; 25 µs a kB. */
export function scoreText(model: InjectionModel, text: string, kind: TextKind): TextScore {
  const { table, scale, bias, knots } = model.kinds[kind];
  const words = readWords(text);
  if (words.count === 0) return { score: 0, start: 0, end: 0 };
  if (sums.length <= words.count) sums = new Float64Array(words.count * 2);
  beginFeatures();
  let sum = 0;
  for (let at = 0; at < words.count; at += 1) {
    const count = writeFeatures(words, at, slots, 0);
    for (let index = 0; index < count; index += 1) sum += table[slots[index] ?? 0] ?? 0;
    sums[at + 1] = sum;
  }
  const { value, from, to } = loudestWindow(kind, sums, 0, words.count, window);
  return {
    score: calibrate(knots, value * scale + bias),
    start: words.starts[from] ?? 0,
    end: words.ends[to - 1] ?? text.length,
  };
}
