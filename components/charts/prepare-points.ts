/** One measured occasion: a value for each key, null where it was not measured. */
export interface MeasuredPoint {
  readonly atMs: number;
  /** Where the occasion itself is shown. */
  readonly id: string;
  readonly values: readonly (number | null)[];
}

/** Occasions as a chart draws them. */
export interface MeasuredSeries {
  readonly keys: readonly string[];
  /** Oldest first. */
  readonly points: readonly MeasuredPoint[];
  /** Bounds of the logarithmic axis: powers of ten around what was measured. */
  readonly range: readonly [number, number];
}

/**
 * Occasions in their order. Nothing is put where nothing was measured: a gap is a gap, never a zero.
 * What took no measurable time is drawn at `least`, since a logarithm has no zero. Pure.
 */
export function prepareMeasured(
  keys: readonly string[],
  points: readonly MeasuredPoint[],
  least: number,
): MeasuredSeries {
  const sorted = points.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  const drawn = sorted.map((point) => ({
    ...point,
    values: point.values.map((value) => (value === null ? null : Math.max(value, least))),
  }));
  const all = drawn.flatMap(({ values }) => values.filter((value) => value !== null));
  if (all.length === 0) return { keys, points: drawn, range: [least, least * 10] };
  const low = 10 ** Math.floor(Math.log10(Math.min(...all)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...all)));
  return { keys, points: drawn, range: [low, high === low ? low * 10 : high] };
}
