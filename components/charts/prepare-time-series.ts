import { bucketStart } from './prepare-time-buckets.ts';

/** One counted thing: so much of `key` in the bucket that begins at `atMs` (epoch, UTC). */
export interface TimeCount {
  readonly atMs: number;
  readonly key: string;
  readonly value: number;
}

export interface TimeSeriesPoint {
  readonly atMs: number;
  /** One value a key, in the order of `keys`. */
  readonly values: readonly number[];
  readonly total: number;
}

export interface TimeSeries {
  readonly keys: readonly string[];
  /** Oldest first, without gaps. */
  readonly points: readonly TimeSeriesPoint[];
  readonly bucketMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** One total a key, in the order of `keys`. */
  readonly totals: readonly number[];
}

/** The key that stands for everything beyond the first few. */
export const otherKey = 'other';

export interface TimeSeriesOptions {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  /** Order of the keys. Without it the largest come first and those beyond `keysMax` are summed up. */
  readonly keys?: readonly string[];
  readonly keysMax?: number;
}

function totalsByKey(counts: readonly TimeCount[]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { key, value } of counts) totals.set(key, (totals.get(key) ?? 0) + value);
  return totals;
}

function chooseKeys(counts: readonly TimeCount[], options: TimeSeriesOptions): readonly string[] {
  if (options.keys !== undefined) return options.keys;
  const keysMax = options.keysMax ?? 6;
  const sorted = [...totalsByKey(counts)]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([key]) => key);
  return sorted.length <= keysMax ? sorted : [...sorted.slice(0, keysMax - 1), otherKey];
}

/**
 * Counts as series without gaps: every bucket between `fromMs` and `toMs` has a point, and one in
 * which nothing was counted is 0. Keys that are not among the chosen ones are added to `other`
 * where that is a key, and left out otherwise. Counts outside the span are left out.
 */
export function prepareTimeSeries(
  counts: readonly TimeCount[],
  options: TimeSeriesOptions,
): TimeSeries {
  const { bucketMs, fromMs, toMs } = options;
  const inside = counts.filter(({ atMs }) => atMs >= bucketStart(fromMs, bucketMs) && atMs < toMs);
  const keys = chooseKeys(inside, options);
  const indexes = new Map(keys.map((key, index) => [key, index]));
  const otherIndex = indexes.get(otherKey);

  const rows = new Map<number, number[]>();
  for (let at = bucketStart(fromMs, bucketMs); at < toMs; at += bucketMs) {
    rows.set(
      at,
      keys.map(() => 0),
    );
  }
  for (const { atMs, key, value } of inside) {
    const index = indexes.get(key) ?? otherIndex;
    const row = rows.get(bucketStart(atMs, bucketMs));
    if (row === undefined || index === undefined) continue;
    row[index] = (row[index] ?? 0) + value;
  }
  const points = [...rows].map(([atMs, values]) => ({
    atMs,
    values,
    total: values.reduce((sum, value) => sum + value, 0),
  }));
  const totals = keys.map((_, index) =>
    points.reduce((sum, point) => sum + (point.values[index] ?? 0), 0),
  );
  return { keys, points, bucketMs, fromMs, toMs, totals };
}

/** Whether nothing at all was counted: a chart then says so in words. */
export function isEmptySeries(series: TimeSeries): boolean {
  return series.totals.every((total) => total === 0);
}
