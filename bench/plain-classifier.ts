import type { TextKind } from '#server/guard/contract.ts';
import { authorSamples } from '#server/guard/training/author-samples.ts';
import { createRandom, type Sample } from '#server/guard/training/contract.ts';
import { carriersOf, textKinds, type Verdict } from '#server/guard/training/cross-examine.ts';
import { foldsOf } from '#server/guard/training/folds.ts';
import { readCorpora } from '#server/guard/training/read-corpora.ts';
import { calibrateKinds, type KindRow, reportOn } from '#server/guard/training/report.ts';

/**
 * The floor of the injection classifier: what anybody would write first. Logistic regression over hashed
 * runs of one to three words as they stand, for windows of sixty words, the loudest of which decides. It
 * learns from the same texts and is judged by the same folds, so the difference is the classifier's.
 */

const slotBits = 20;
const windowWords = 60;
const strideWords = 30;
const epochs = 6;
const rate = 0.5;
const biasRate = 0.02;
const wordsMax = 4000;

interface Tokens {
  readonly hashes: readonly number[];
  /** UTF-16 offsets. */
  readonly places: readonly (readonly [number, number])[];
}

function hashOf(word: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < word.length; at += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(at), 16_777_619);
  }
  return hash >>> 0;
}

const slotOf = (hash: number) => Math.imul(hash ^ (hash >>> 13), 0x9e3779b1) >>> (32 - slotBits);

function tokensOf(text: string): Tokens {
  const found = [...text.matchAll(/[\p{L}\p{N}_']+/gu)].slice(0, wordsMax);
  return {
    hashes: found.map(([word]) => hashOf(word.toLowerCase())),
    places: found.map(({ 0: word, index }) => [index, index + word.length] as const),
  };
}

function slotsOf({ hashes }: Tokens, from: number, to: number): Uint32Array {
  const slots = new Set<number>();
  for (let at = from; at < to; at += 1) {
    let run = 0;
    for (let back = 0; back < 3 && at - back >= from; back += 1) {
      run = (Math.imul(run, 31) + (hashes[at - back] ?? 0)) | 0;
      slots.add(slotOf(run));
    }
  }
  return Uint32Array.from(slots);
}

function windowsOf(words: number): (readonly [number, number])[] {
  const starts = Math.max(1, Math.ceil((words - windowWords) / strideWords) + 1);
  return Array.from({ length: words === 0 ? 0 : starts }, (_, turn) => {
    const from = turn * strideWords;
    return [from, Math.min(words, from + windowWords)] as const;
  });
}

interface Example {
  readonly slots: Uint32Array;
  readonly target: 0 | 1;
}

/** A window of an attack teaches an attack where it holds a good part of it, and nothing in between. */
function examplesOf(sample: Sample): Example[] {
  const tokens = tokensOf(sample.text);
  return windowsOf(tokens.hashes.length).flatMap(([from, to]): Example[] => {
    const slots = slotsOf(tokens, from, to);
    if (!sample.isAttack) return [{ slots, target: 0 }];
    if (sample.span === null) return [{ slots, target: 1 }];
    const [begin, end] = sample.span;
    const first = tokens.places[from]?.[0] ?? 0;
    const last = tokens.places[to - 1]?.[1] ?? 0;
    const shared = Math.min(last, end) - Math.max(first, begin);
    if (shared <= 0) return [{ slots, target: 0 }];
    return shared >= Math.min(100, (end - begin) / 2) ? [{ slots, target: 1 }] : [];
  });
}

class PlainModel {
  readonly #weights = new Float32Array(1 << slotBits);
  readonly #squares = new Float32Array(1 << slotBits);
  #bias = 0;

  value(slots: Uint32Array): number {
    const scale = 1 / Math.sqrt(Math.max(1, slots.length));
    return slots.reduce((sum, slot) => sum + (this.#weights[slot] ?? 0) * scale, this.#bias);
  }

  /** One step of AdaGrad. */
  learn({ slots, target }: Example, weight: number): void {
    const gradient = (1 / (1 + Math.exp(-this.value(slots))) - target) * weight;
    const push = gradient / Math.sqrt(Math.max(1, slots.length));
    this.#bias -= biasRate * gradient;
    for (const slot of slots) {
      const square = (this.#squares[slot] ?? 0) + push * push;
      this.#squares[slot] = square;
      this.#weights[slot] = (this.#weights[slot] ?? 0) - (rate * push) / (Math.sqrt(square) + 1e-3);
    }
  }
}

function fitPlain(examples: Example[]): PlainModel {
  const attacks = examples.filter(({ target }) => target === 1).length;
  const weightOf = (count: number) => Math.min(4, examples.length / (2 * Math.max(1, count)));
  const weights = [weightOf(examples.length - attacks), weightOf(attacks)] as const;
  const model = new PlainModel();
  const random = createRandom(7);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const order = examples.map((example) => ({ example, rank: random() }));
    for (const { example } of order.toSorted((a, b) => a.rank - b.rank)) {
      model.learn(example, weights[example.target]);
    }
  }
  return model;
}

function judgePlain(model: PlainModel, sample: Sample): Verdict {
  const tokens = tokensOf(sample.text);
  const values = windowsOf(tokens.hashes.length).map(([from, to]) =>
    model.value(slotsOf(tokens, from, to)),
  );
  return { sample, value: Math.max(-20, ...values) };
}

/** By kind, over the corpora of others: each judged by a model that saw nothing of it. */
export function measurePlainClassifier(folder: string): readonly KindRow[] {
  const real = readCorpora(folder);
  const folds = foldsOf(real).filter(({ name }) => !name.startsWith('own'));
  const verdicts = folds.flatMap((fold) => {
    const kept = real.filter((sample) => !fold.leavesOut(sample));
    const known = [...kept, ...authorSamples(carriersOf(kept))];
    const judged = real.filter((sample) => fold.judges(sample));
    const kinds = textKinds.filter((kind) => judged.some((sample) => sample.kind === kind));
    return kinds.flatMap((kind: TextKind) => {
      const model = fitPlain(known.filter((one) => one.kind === kind).flatMap(examplesOf));
      return judged.filter((one) => one.kind === kind).map((one) => judgePlain(model, one));
    });
  });
  return reportOn(verdicts, calibrateKinds(verdicts)).kinds;
}
