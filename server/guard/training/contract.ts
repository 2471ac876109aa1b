import type { TextKind } from '#server/guard/contract.ts';

/** One labelled text. */
export interface Sample {
  /** Left out as a whole when generality is measured. */
  readonly corpus: string;
  readonly kind: TextKind;
  readonly isAttack: boolean;
  readonly text: string;
  /** UTF-16 offsets of the attack in the text, where they are known. */
  readonly span: readonly [number, number] | null;
  /** Style of attack or kind of innocent text, for tables. */
  readonly style: string;
}

/** A text as the trainer reads it again and again. */
export interface PreparedSample {
  readonly sample: Sample;
  /** Slots of all words, one behind the other; those of word `n` begin at `begins[n]`. */
  readonly slots: Uint32Array;
  readonly begins: Uint32Array;
  readonly words: number;
  /** Words that the attack covers; the whole text where that is not known. */
  readonly spanFrom: number;
  readonly spanTo: number;
}

/** What a fit ends with: weights of one kind of text; `bias` is added to the loudest window. */
export interface Weights {
  readonly table: Float32Array;
  readonly bias: number;
}

/** Numbers that look random and are the same at every run (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
