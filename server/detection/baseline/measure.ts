import { z } from 'zod';

/** What is usual of one quantity: how many samples, their mean, and the sum of squares about it. */
export const measureSchema = z.object({
  n: z.number().nonnegative(),
  mean: z.number(),
  m2: z.number().nonnegative(),
});
export type Measure = z.infer<typeof measureSchema>;

export function noMeasure(): Measure {
  return { n: 0, mean: 0, m2: 0 };
}

/**
 * Takes `times` equal samples in, by the updates of Welford and of Chan et al. (1979), which stay
 * exact where sums of squares do not. Beyond `samplesMax` older samples weigh less with every new
 * one, so that what is usual may change slowly.
 */
export function addSample(measure: Measure, value: number, samplesMax: number, times = 1): void {
  if (times <= 0) return;
  const n = measure.n + times;
  const delta = value - measure.mean;
  measure.mean += (delta * times) / n;
  measure.m2 += (delta * delta * measure.n * times) / n;
  measure.n = Math.min(n, samplesMax);
  measure.m2 *= measure.n / n;
}

/** Standard deviation of the samples; 0 while there are fewer than two. */
export function deviationOf({ n, m2 }: Measure): number {
  return n < 2 ? 0 : Math.sqrt(m2 / (n - 1));
}

/** How many deviations `value` lies above the mean, with a deviation of at least `deviationMin`. */
export function judge(
  measure: Measure,
  value: number,
  deviationMin: number,
): { readonly value: number; readonly mean: number; readonly std: number; readonly sigma: number } {
  const std = Math.max(deviationOf(measure), deviationMin);
  return { value, mean: measure.mean, std, sigma: (value - measure.mean) / std };
}
