import { type LoudestWindow, loudestWindow } from '#server/guard/classifier/pool-windows.ts';
import type { TextKind } from '#server/guard/contract.ts';
import { authorSamples } from '#server/guard/training/author-samples.ts';
import type { PreparedSample, Sample, Weights } from '#server/guard/training/contract.ts';
import { fitWeights } from '#server/guard/training/fit-weights.ts';
import { foldsOf } from '#server/guard/training/folds.ts';
import { prepareSample, sumWords } from '#server/guard/training/prepare-sample.ts';

/** A text with what weights say of it that never saw its corpus. */
export interface Verdict {
  readonly sample: Sample;
  /** Sum of the loudest window and the bias: what the calibration turns into a score. */
  readonly value: number;
}

export const textKinds: readonly TextKind[] = ['user_input', 'tool_output'];

/** Weights of both kinds. */
export type Model = Readonly<Record<TextKind, Weights>>;

export function fitModel(items: readonly PreparedSample[]): Model {
  return {
    user_input: fitWeights(items, 'user_input'),
    tool_output: fitWeights(items, 'tool_output'),
  };
}

/** Innocent contents that attacks of our own are wrapped in. */
export const carriersOf = (samples: readonly Sample[]): string[] =>
  samples
    .filter(({ kind, isAttack }) => kind === 'tool_output' && !isAttack)
    .map(({ text }) => text);

function judge(item: PreparedSample, weights: Weights, window: LoudestWindow): Verdict {
  const { sample, words } = item;
  const sums = sumWords(item, [weights.table]);
  const value = words === 0 ? 0 : loudestWindow(sample.kind, sums, 0, words, window).value;
  return { sample, value: value + weights.bias };
}

/**
 * Judges every text by weights that saw nothing of its corpus, nor wrapped an attack of our own in it.
 *
 * @param say told of every fold that is done
 */
export function crossExamine(real: readonly Sample[], say: (line: string) => void): Verdict[] {
  const window: LoudestWindow = { value: 0, from: 0, to: 0 };
  const folds = foldsOf(real);
  return folds.flatMap((fold, index) => {
    const kept = real.filter((sample) => !fold.leavesOut(sample));
    const items = [...real, ...authorSamples(carriersOf(kept))].map(prepareSample);
    const judged = items.filter(({ sample }) => fold.judges(sample));
    const known = items.filter(({ sample }) => !fold.leavesOut(sample));
    const kinds = textKinds.filter((kind) => judged.some(({ sample }) => sample.kind === kind));
    const model = Object.fromEntries(kinds.map((kind) => [kind, fitWeights(known, kind)]));
    say(`${index + 1} of ${folds.length}: ${fold.name}`);
    return judged.flatMap((item) => {
      const weights = model[item.sample.kind];
      return weights === undefined ? [] : [judge(item, weights, window)];
    });
  });
}
