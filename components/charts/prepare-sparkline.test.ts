import { describe, expect, it } from 'vitest';
import { prepareSparkline } from './prepare-sparkline.ts';

describe('prepareSparkline', () => {
  it.each([
    [[0, 10, 5], 'M0 20L50 0L100 10'],
    [[0, 0], 'M0 20L100 20'],
    [[3, 3], 'M0 0L100 0'],
    [[-5, 10], 'M0 20L100 0'],
    [[Number.NaN, 10], 'M0 20L100 0'],
    [[1, 2, 3, 4], 'M0 15L33.33 10L66.67 5L100 0'],
  ])('%j draws %s', (values, line) => {
    const path = prepareSparkline(values, 100, 20);
    expect(path?.line).toBe(line);
    expect(path?.area).toBe(`${line}L100 20L0 20Z`);
  });

  it.each([[[]], [[1]]])('%j is no line', (values) => {
    expect(prepareSparkline(values, 100, 20)).toBeNull();
  });
});
