import { encodeModel, quantise } from '#server/guard/classifier/model-file.ts';
import type { TextKind } from '#server/guard/contract.ts';
import { authorSamples } from '#server/guard/training/author-samples.ts';
import { carriersOf, crossExamine, fitModel } from '#server/guard/training/cross-examine.ts';
import { prepareSample } from '#server/guard/training/prepare-sample.ts';
import { readCorpora } from '#server/guard/training/read-corpora.ts';
import { calibrateKinds, type Report, reportOn } from '#server/guard/training/report.ts';

/**
 * Measures generality on a data folder: every corpus judged by weights that never saw it. Takes about a
 * minute; the same folder gives the same figures. @throws when the folder holds no corpus.
 */
export function evaluateFolder(folder: string, say: (line: string) => void) {
  const real = readCorpora(folder);
  if (real.length === 0) throw new Error(`${folder} holds no texts of the manifest`);
  say(`${real.length} texts of ${new Set(real.map(({ corpus }) => corpus)).size} corpora`);
  const verdicts = crossExamine(real, say);
  const calibrations = calibrateKinds(verdicts);
  return { real, calibrations, report: reportOn(verdicts, calibrations) };
}

/** Measures, then fits the weights that ship to all texts, calibrated by what was measured. */
export function trainModel(
  folder: string,
  say: (line: string) => void,
): { readonly file: Buffer; readonly report: Report } {
  const { real, calibrations, report } = evaluateFolder(folder, say);
  const model = fitModel([...real, ...authorSamples(carriersOf(real))].map(prepareSample));
  const kindOf = (kind: TextKind) => ({
    ...quantise(model[kind].table),
    bias: model[kind].bias,
    knots: calibrations[kind],
  });
  const file = encodeModel({
    user_input: kindOf('user_input'),
    tool_output: kindOf('tool_output'),
  });
  return { file, report };
}
