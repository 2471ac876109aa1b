import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSample, deviationOf, judge, noMeasure } from '#server/detection/baseline/measure.ts';

function measured(values: readonly number[], samplesMax = Infinity) {
  const measure = noMeasure();
  for (const value of values) addSample(measure, value, samplesMax);
  return measure;
}

describe('a measure', () => {
  it('has the mean and the deviation of its samples', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 2 }), (values) => {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        const measure = measured(values);
        expect(measure.mean).toBeCloseTo(mean, 6);
        expect(deviationOf(measure)).toBeCloseTo(Math.sqrt(squares / (values.length - 1)), 6);
      }),
    );
  });

  it('takes many equal samples as one by one', () => {
    const together = measured([3, 9]);
    addSample(together, 0, Infinity, 40);
    const single = measured([3, 9, ...Array.from({ length: 40 }, () => 0)]);
    expect(together.n).toBe(single.n);
    expect(together.mean).toBeCloseTo(single.mean, 9);
    expect(together.m2).toBeCloseTo(single.m2, 9);
    addSample(together, 7, Infinity, 0);
    expect(together.n).toBe(single.n);
  });

  it('follows a change once it has its most samples', () => {
    const old = Array.from({ length: 1000 }, () => 10);
    const changed = measured([...old, ...Array.from({ length: 100 }, () => 30)], 50);
    expect(changed.n).toBe(50);
    expect(changed.mean).toBeGreaterThan(25);
    expect(measured([...old, 30]).mean).toBeLessThan(10.1);
  });

  it.each([
    ['above', 25, 5, 3],
    ['below', 5, 5, -1],
    ['with a floor under the deviation', 30, 10, 2],
  ])('says how far a value lies %s', (_, value, floor, sigma) => {
    // Mean 10, deviation 5.
    const measure = { n: 3, mean: 10, m2: 50 };
    expect(judge(measure, value, floor).sigma).toBe(sigma);
  });

  it('has no deviation before two samples', () => {
    expect(deviationOf(measured([]))).toBe(0);
    expect(deviationOf(measured([4]))).toBe(0);
  });
});
