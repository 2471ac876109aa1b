import { describe, expect, it } from 'vitest';
import { preparePrecision } from './prepare-precision.ts';

describe('preparePrecision', () => {
  it.each([
    [{ truePositive: 0, benign: 0, falsePositive: 0 }, null],
    [
      { truePositive: 1, benign: 0, falsePositive: 0 },
      { percent: 100, judged: 1 },
    ],
    [
      { truePositive: 0, benign: 0, falsePositive: 4 },
      { percent: 0, judged: 4 },
    ],
    [
      { truePositive: 1, benign: 1, falsePositive: 1 },
      { percent: 67, judged: 3 },
    ],
  ])('of %j is %j', (verdicts, expected) => {
    expect(preparePrecision(verdicts)).toEqual(expected);
  });
});
