import type { Rule } from '#server/detection/contract.ts';

/**
 * What people made of a rule's alerts, in words: the share that was no false positive among those
 * resolved. Null before the first verdict, because nothing is known then.
 */
export function preparePrecision(
  verdicts: Rule['verdicts'],
): { readonly percent: number; readonly judged: number } | null {
  const judged = verdicts.truePositive + verdicts.benign + verdicts.falsePositive;
  if (judged === 0) return null;
  return { percent: Math.round(((judged - verdicts.falsePositive) / judged) * 100), judged };
}
