import { describe, expect, it } from 'vitest';
import { prepareMeasured } from './prepare-points.ts';

const point = (atMs: number, ...values: (number | null)[]) => ({ atMs, id: `p${atMs}`, values });

describe('prepareMeasured', () => {
  it('puts occasions in order and leaves gaps as gaps', () => {
    const series = prepareMeasured(['a', 'b'], [point(2, 50, null), point(1, null, 7)], 1);
    expect(series.points.map(({ values }) => values)).toEqual([
      [null, 7],
      [50, null],
    ]);
  });

  it.each<[string, (number | null)[], [number, number]]>([
    ['nothing', [null], [1, 10]],
    ['one value', [50], [10, 100]],
    ['a power of ten', [100], [100, 1000]],
    ['a wide span', [3, 60_000], [1, 100_000]],
    ['no time at all', [0], [1, 10]],
  ])('spans powers of ten around %s', (_what, values, range) => {
    expect(prepareMeasured(['a'], [point(1, ...values)], 1).range).toEqual(range);
  });
});
