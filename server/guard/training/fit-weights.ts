import {
  type LoudestWindow,
  loudestWindow,
  windowScale,
} from '#server/guard/classifier/pool-windows.ts';
import { featureSlots } from '#server/guard/classifier/word-features.ts';
import type { TextKind } from '#server/guard/contract.ts';
import {
  createRandom,
  type PreparedSample,
  type Weights,
} from '#server/guard/training/contract.ts';
import { type Drop, isDropped, sumWords } from '#server/guard/training/prepare-sample.ts';
import { scaleFeatures, weighSamples } from '#server/guard/training/scale-features.ts';

interface Settings {
  /** Steps of the weights that both kinds share, and of each kind's own. */
  readonly sharedRate: number;
  readonly ownRate: number;
  /** Share of features that a reading leaves out at random, so that none is relied on alone. */
  readonly dropped: number;
  /** So far a feature may speak for innocence: friendly words around an attack must not hide it. */
  readonly innocenceMax: number;
}

/**
 * Found by trial on corpora left out: a user's words are of more kinds than what tools return and are
 * learned in larger steps; what surrounds an attack in a tool's output is the attacker's to choose.
 */
const settingsOf: Readonly<Record<TextKind, Settings>> = {
  user_input: { sharedRate: 0.3, ownRate: 0.15, dropped: 0, innocenceMax: Infinity },
  tool_output: { sharedRate: 0.12, ownRate: 0.06, dropped: 0.5, innocenceMax: 0.3 },
};
const fits = 3;
const epochs = 6;
const averagedEpochs = 3;
const decay = 1e-4;
const biasRate = 0.01;
const firstBias = -1;
/** A gradient below this changes nothing that is worth the time. */
const gradientMin = 1e-4;

/** Words beside a known attack that may stand in its window. */
const spanMarginWords = 8;
/** Innocent words before or behind an attack teach something from so many on. */
const surroundingsWordsMin = 16;

/** One table of weights with the sum of squared gradients that its steps are cut by (AdaGrad). */
class Learner {
  readonly weights = new Float32Array(featureSlots);
  readonly #squares = new Float32Array(featureSlots);
  readonly #scales: Float32Array;
  readonly #rate: number;
  readonly #least: number;

  constructor(rate: number, innocenceMax: number, scales: Float32Array) {
    this.#rate = rate;
    this.#least = -innocenceMax;
    this.#scales = scales;
  }

  step(item: PreparedSample, window: LoudestWindow, gradient: number, drop: Drop): void {
    const to = item.begins[window.to] ?? 0;
    const push = gradient * windowScale(window.to - window.from);
    for (let index = item.begins[window.from] ?? 0; index < to; index += 1) {
      const slot = item.slots[index] ?? 0;
      if (isDropped(slot, drop)) continue;
      const weight = this.weights[slot] ?? 0;
      const slope = push + decay * weight;
      const square = (this.#squares[slot] ?? 0) + slope * slope;
      this.#squares[slot] = square;
      const rate = this.#rate * (this.#scales[slot] ?? 0);
      const next = weight - (rate * slope) / (Math.sqrt(square) + 1e-3);
      this.weights[slot] = Math.max(this.#least, next);
    }
  }
}

/** Both kinds learn together: what is rare in one is learned from the other. */
class Fit {
  readonly shared: Learner;
  readonly own: Readonly<Record<TextKind, Learner>>;
  readonly bias: Record<TextKind, number> = { user_input: firstBias, tool_output: firstBias };
  readonly #window: LoudestWindow = { value: 0, from: 0, to: 0 };
  readonly #drop: { salt: number; readonly share: number };
  readonly #random: () => number;

  constructor(settings: Settings, scales: Float32Array, random: () => number) {
    const { sharedRate, ownRate, innocenceMax } = settings;
    this.shared = new Learner(sharedRate, innocenceMax, scales);
    this.own = {
      user_input: new Learner(ownRate, innocenceMax, scales),
      tool_output: new Learner(ownRate, innocenceMax, scales),
    };
    this.#drop = { salt: 0, share: settings.dropped };
    this.#random = random;
  }

  /** Moves the weights of the loudest window between two words towards what it ought to say. */
  #learn(item: PreparedSample, from: number, to: number, target: 0 | 1, weight: number): void {
    const { kind } = item.sample;
    const own = this.own[kind];
    this.#drop.salt = Math.floor(this.#random() * 0x7fffffff);
    const sums = sumWords(item, [this.shared.weights, own.weights], this.#drop);
    const window = loudestWindow(kind, sums, from, to, this.#window);
    const chance = 1 / (1 + Math.exp(-(window.value + this.bias[kind])));
    const gradient = (chance - target) * weight;
    if (Math.abs(gradient) < gradientMin) return;
    this.shared.step(item, window, gradient, this.#drop);
    own.step(item, window, gradient, this.#drop);
    this.bias[kind] -= biasRate * gradient;
  }

  /** Adds a part of the weights of a kind to a table. */
  addTo(table: Float32Array, kind: TextKind, part: number): void {
    const own = this.own[kind].weights;
    for (const [slot, weight] of this.shared.weights.entries()) {
      table[slot] = (table[slot] ?? 0) + (weight + (own[slot] ?? 0)) * part;
    }
  }

  read(item: PreparedSample, weight: number): void {
    if (!item.sample.isAttack) {
      this.#learn(item, 0, item.words, 0, weight);
      return;
    }
    const margin = item.sample.span === null ? 0 : spanMarginWords;
    const from = Math.max(0, item.spanFrom - margin);
    const to = Math.min(item.words, item.spanTo + margin);
    this.#learn(item, from, to, 1, weight);
    if (from > surroundingsWordsMin) this.#learn(item, 0, from, 0, weight / 2);
    if (item.words - to > surroundingsWordsMin) this.#learn(item, to, item.words, 0, weight / 2);
  }
}

function shuffle(order: Uint32Array, random: () => number): void {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const kept = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = kept;
  }
}

/**
 * Fits the weights of one kind by logistic loss on the loudest window of each text: of an attack the
 * loudest one that overlaps it, of anything innocent (what surrounds an attack included) simply the
 * loudest. What ships is the mean of several fits that read in another order, each of them the mean of
 * its last epochs: a single one depends on chance by five points of recall. The same samples always give
 * the same weights.
 */
export function fitWeights(items: readonly PreparedSample[], kind: TextKind): Weights {
  const importance = weighSamples(items);
  const scales = scaleFeatures(items, importance);
  const table = new Float32Array(featureSlots);
  let bias = 0;
  for (let turn = 0; turn < fits; turn += 1) {
    const random = createRandom(20_261_127 + turn);
    const fit = new Fit(settingsOf[kind], scales, random);
    const order = Uint32Array.from(items.keys());
    for (let epoch = 0; epoch < epochs; epoch += 1) {
      shuffle(order, random);
      for (const index of order) {
        const item = items[index];
        if (item !== undefined && item.words > 0) fit.read(item, importance[index] ?? 1);
      }
      if (epoch < epochs - averagedEpochs) continue;
      fit.addTo(table, kind, 1 / (fits * averagedEpochs));
      bias += fit.bias[kind] / (fits * averagedEpochs);
    }
  }
  return { table, bias };
}
