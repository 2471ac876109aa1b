/** A point of the curve that turns a window's value into a score. */
export interface CalibrationKnot {
  readonly value: number;
  readonly score: number;
}

/** From this score on a text is suspicious, from the other on malicious. */
export const suspiciousScoreMin = 0.5;
export const maliciousScoreMin = 0.9;

/**
 * What a score means: the share of innocent texts of unseen corpora that reach it. The same score is
 * thus as rare among innocent texts of either kind, which makes kinds comparable.
 */
const scoreByShare: readonly (readonly [number, number])[] = [
  [0.9, 0.01],
  [0.5, 0.05],
  [0.1, 0.2],
  [0.03, 0.35],
  [0.01, suspiciousScoreMin],
  [0.003, 0.75],
  [0.001, maliciousScoreMin],
];
/** So far above what innocent texts reach, a score is as good as certain. */
const certainAbove = 3;
const certainScore = 0.99;
const stepMin = 1e-3;

/**
 * The curve through what innocent texts reached, given in any order.
 *
 * @param weights how much each of them counts; all the same when left out
 */
export function fitCalibration(
  innocent: readonly number[],
  weights: readonly number[] = [],
): CalibrationKnot[] {
  const sorted = innocent
    .map((value, index) => ({ value, weight: weights[index] ?? 1 }))
    .toSorted((a, b) => b.value - a.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const knots: CalibrationKnot[] = [];
  let at = 0;
  let above = 0;
  for (const [share, score] of scoreByShare.toReversed()) {
    // The first text that a larger share than this reaches; rounding must not pass it by.
    while (at < sorted.length - 1 && above + (sorted[at]?.weight ?? 0) <= share * total + 1e-9) {
      above += sorted[at]?.weight ?? 0;
      at += 1;
    }
    knots.unshift({ value: sorted[at]?.value ?? 0, score });
  }
  for (const [index, knot] of knots.entries()) {
    const least = (knots[index - 1]?.value ?? -Infinity) + stepMin;
    knots[index] = { value: Math.max(knot.value, least), score: knot.score };
  }
  knots.push({ value: (knots.at(-1)?.value ?? 0) + certainAbove, score: certainScore });
  return knots;
}

/** The score of a value: linear between the knots, level beyond them. */
export function calibrate(knots: readonly CalibrationKnot[], value: number): number {
  let below = knots[0];
  if (below === undefined || value <= below.value) return below?.score ?? 0;
  for (const knot of knots) {
    if (value < knot.value) {
      const part = (value - below.value) / (knot.value - below.value);
      return below.score + part * (knot.score - below.score);
    }
    below = knot;
  }
  return below.score;
}
