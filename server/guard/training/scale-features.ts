import { featureSlots } from '#server/guard/classifier/word-features.ts';
import type { PreparedSample } from '#server/guard/training/contract.ts';

/** Texts that a feature is taken to have been met in on either side before anything was read. */
const prior = 0.3;
const scaleMax = 3;

/**
 * Weight of a text: each corpus and label counts by the root of its size, so that none drowns the rest.
 */
export function weighSamples(items: readonly PreparedSample[]): Float64Array {
  const keyOf = ({ sample }: PreparedSample) =>
    `${sample.corpus} ${sample.kind} ${sample.isAttack}`;
  const sizes = new Map<string, number>();
  for (const item of items) sizes.set(keyOf(item), (sizes.get(keyOf(item)) ?? 0) + 1);
  return Float64Array.from(items, (item) =>
    Math.min(1, Math.sqrt(150 / (sizes.get(keyOf(item)) ?? 1))),
  );
}

/** Weighted counts of texts by feature. */
class Counter {
  readonly counts = new Float64Array(featureSlots);
  total = 0;
  readonly #seen = new Uint32Array(featureSlots);
  #mark = 0;

  note(item: PreparedSample, from: number, to: number, weight: number): void {
    this.total += weight;
    this.#mark += 1;
    const end = item.begins[to] ?? 0;
    for (let at = item.begins[from] ?? 0; at < end; at += 1) {
      const slot = item.slots[at] ?? 0;
      if (this.#seen[slot] === this.#mark) continue;
      this.#seen[slot] = this.#mark;
      this.counts[slot] = (this.counts[slot] ?? 0) + weight;
    }
  }

  share(slot: number): number {
    return ((this.counts[slot] ?? 0) + prior) / (this.total + 2 * prior);
  }
}

/**
 * How much each feature may say: the logarithm of how much oftener it stands in attacks than in
 * innocent text, or the other way round (Wang and Manning 2012, "Baselines and Bigrams"). What was met
 * once can then hardly move a score, whatever the fit would make of it.
 */
export function scaleFeatures(
  items: readonly PreparedSample[],
  importance: Float64Array,
): Float32Array {
  const attack = new Counter();
  const innocent = new Counter();
  for (const [index, item] of items.entries()) {
    const weight = importance[index] ?? 1;
    if (!item.sample.isAttack) innocent.note(item, 0, item.words, weight);
    else {
      attack.note(item, item.spanFrom, item.spanTo, weight);
      if (item.spanFrom > 0) innocent.note(item, 0, item.spanFrom, weight);
    }
  }
  return Float32Array.from({ length: featureSlots }, (_, slot) =>
    Math.min(scaleMax, Math.abs(Math.log(attack.share(slot) / innocent.share(slot)))),
  );
}
