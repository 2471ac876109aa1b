import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { maliciousScoreMin, suspiciousScoreMin } from '#server/guard/classifier/calibrate.ts';
import { decodeModel, type InjectionModel } from '#server/guard/classifier/model-file.ts';
import { scoreText, type TextScore } from '#server/guard/classifier/score-text.ts';
import { weighInstructions } from '#server/guard/find-injected-instructions.ts';
import type { TextKind } from '#server/guard/contract.ts';
import { holds, tableOf, tokenRuns } from '#server/guard/internal/measure-run.ts';
import {
  decodeBlobs,
  readTags,
  respell,
  spacedLettersMin,
} from '#server/guard/internal/undisguise-text.ts';

let shipped: InjectionModel | null = null;

/** The shipped weights, read once. @throws when the file is damaged: no score is better than a wrong one. */
export function shippedModel(): InjectionModel {
  shipped ??= decodeModel(readFileSync(join(import.meta.dirname, 'model/weights.bin')));
  return shipped;
}

const longIdentifier = /(?<![A-Za-z])[A-Za-z]+(?:_[A-Za-z]+){3}/;
const beyondAscii = /[^ -~\s]/;
const wordCharacters = tableOf(/\w/);
const spacers = tableOf(/[ ._*-]/);

/** So far apart a row of spaced letters shows at least once: it is twelve characters long. */
const rowStride = 8;
const rowReach = 2 * spacedLettersMin;

/** Whether a row of spaced letters lies between two places. */
function hasRowBetween(text: string, from: number, to: number): boolean {
  let letters = 0;
  let at = from;
  while (at < to && letters < spacedLettersMin) {
    const isSingle =
      holds(spacers, text, at + 1) &&
      holds(wordCharacters, text, at) &&
      !holds(wordCharacters, text, at - 1);
    letters = isSingle ? letters + 1 : 0;
    at += isSingle ? 2 : 1;
  }
  return letters >= spacedLettersMin;
}

/**
 * Whether single letters stand in a row with a blank, dot or the like behind each: what
 * `(?:\b\w[ ._*-]){6}` finds. In such a row every other character is one of those, so it is looked for at
 * every eighth place alone, and read only around where it shows.
 */
export function hasSpacedLetters(text: string): boolean {
  for (let at = 0; at < text.length; at += rowStride) {
    const shows =
      (holds(spacers, text, at) && holds(spacers, text, at + 2)) ||
      (holds(spacers, text, at + 1) && holds(spacers, text, at + 3));
    if (shows && hasRowBetween(text, Math.max(0, at - rowReach), at + rowReach)) return true;
  }
  return false;
}

/** The pattern is tried at every letter, so it is asked only where three underscores are. */
function hasLongIdentifier(text: string): boolean {
  let at = -1;
  for (let found = 0; found < 3; found += 1) {
    at = text.indexOf('_', at + 1);
    if (at < 0) return false;
  }
  return longIdentifier.test(text);
}

/** A disguise by itself proves nothing, but what stands behind it is meant for a machine. */
function readDisguised(model: InjectionModel, text: string, kind: TextKind): TextScore[] {
  const hasForeign = beyondAscii.test(text);
  const readings = [
    ...decodeBlobs(text, tokenRuns(text)),
    ...(hasForeign ? readTags(text) : []),
    ...respell(text, {
      hasForeign,
      spacedLetters: hasSpacedLetters(text) ? spacedLettersMin : 0,
      hasLongIdentifier: hasLongIdentifier(text),
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

/**
 * Two weak signs are one: a text of this score that the signatures half know counts as suspicious. Each
 * alone is ordinary. Of 2,688 innocent texts of others none has both, and 6 have the traits; chosen on
 * innocent texts, never on attacks.
 */
const weakScoreMin = 0.2;
const weakTraitsMin = 0.4;

/** {@link scoreInjection}, lifted to {@link suspiciousScoreMin} where signatures half know the text. */
export function scoreWithTraits(text: string, kind: TextKind): number {
  const { score } = scoreInjection(text, kind);
  if (score >= suspiciousScoreMin || score < weakScoreMin) return score;
  const traits = weighInstructions(text, kind === 'user_input' ? 'user' : 'data');
  return traits >= weakTraitsMin ? suspiciousScoreMin : score;
}
