import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { maliciousScoreMin, suspiciousScoreMin } from '#server/guard/classifier/calibrate.ts';
import { decodeModel, type InjectionModel } from '#server/guard/classifier/model-file.ts';
import { scoreText, type TextScore } from '#server/guard/classifier/score-text.ts';
import type { TextKind } from '#server/guard/contract.ts';
import { scanText } from '#server/guard/internal/scan-text.ts';
import { decodeBlobs, readTags, respell } from '#server/guard/internal/undisguise-text.ts';

let shipped: InjectionModel | null = null;

/** The shipped weights, read once. @throws when the file is damaged: no score is better than a wrong one. */
export function shippedModel(): InjectionModel {
  shipped ??= decodeModel(readFileSync(join(import.meta.dirname, 'model/weights.bin')));
  return shipped;
}

const runsOfLetters = /(?:\b\w[ ._*-]){6}/;
const longIdentifier = /[A-Za-z]+(?:_[A-Za-z]+){3}/;
const beyondAscii = /[^ -~\s]/;

/** A disguise by itself proves nothing, but what stands behind it is meant for a machine. */
function readDisguised(model: InjectionModel, text: string, kind: TextKind): TextScore[] {
  const hasForeign = beyondAscii.test(text);
  const readings = [
    ...decodeBlobs(text, [...scanText(text).runs]),
    ...(hasForeign ? readTags(text) : []),
    ...respell(text, {
      hasForeign,
      spacedLetters: runsOfLetters.test(text) ? Infinity : 0,
      hasLongIdentifier: longIdentifier.test(text),
    }),
  ];
  return readings.map(({ text: plain, start, end }) => ({
    ...scoreText(model, plain, kind),
    start,
    end,
  }));
}

/**
 * How far a text reads like an injected instruction: its loudest stretch, read as it stands and behind
 * the disguises that are known. Learned from examples, so unlike a signature it may be wrong either way;
 * `model/MODEL_CARD.md` says how often.
 */
export function scoreInjection(
  text: string,
  kind: TextKind,
  model: InjectionModel = shippedModel(),
): TextScore {
  let best = scoreText(model, text, kind);
  for (const found of readDisguised(model, text, kind)) if (found.score > best.score) best = found;
  return best;
}

/** What a score comes to. */
export type InjectionVerdict = 'clean' | 'suspicious' | 'malicious';

export function verdictOf(score: number): InjectionVerdict {
  if (score >= maliciousScoreMin) return 'malicious';
  return score >= suspiciousScoreMin ? 'suspicious' : 'clean';
}
