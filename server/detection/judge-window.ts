import type { Bound } from '#server/detection/sigma/rule-documents.ts';
import type { CorrelationPlan } from '#server/detection/sigma/compile-correlation.ts';
import type { WindowEntry } from '#server/detection/window-state.ts';

const holds: Record<Bound, (value: number, bound: number) => boolean> = {
  gt: (value, bound) => value > bound,
  gte: (value, bound) => value >= bound,
  lt: (value, bound) => value < bound,
  lte: (value, bound) => value <= bound,
  eq: (value, bound) => value === bound,
  neq: (value, bound) => value !== bound,
};

/** False when the number of a window's entries alone tells that it does not fire. */
export function mayFire(plan: CorrelationPlan, entries: number): boolean {
  if (plan.type !== 'event_count') return true;
  return plan.bounds.every(({ bound, value }) => holds[bound](entries, value));
}

/**
 * Whether the window that ends with its last entry fires, and which of its entries took part (as
 * indexes into `window`); null when it does not. Taking part depends only on what is in the window,
 * never on the order of arrival.
 */
export function judgeWindow(
  plan: CorrelationPlan,
  window: readonly WindowEntry[],
  last: WindowEntry,
): readonly number[] | null {
  if (plan.type === 'temporal_ordered') return findChains(window, last, plan.inputs);
  const measure = measureWindow(plan, window, last);
  if (measure === null) return null;
  if (!plan.bounds.every(({ bound, value }) => holds[bound](measure, value))) return null;
  const isShare = plan.type === 'value_percentile' && plan.percentile === null;
  return isShare ? [window.indexOf(last)] : window.map((_, index) => index);
}

/** The number that the correlation's bounds are held against; null when there is none. */
function measureWindow(
  plan: CorrelationPlan,
  window: readonly WindowEntry[],
  last: WindowEntry,
): number | null {
  switch (plan.type) {
    case 'event_count':
      return window.length;
    case 'value_count':
      return new Set(window.flatMap((entry) => entry.values)).size;
    case 'temporal':
      return new Set(window.map((entry) => entry.input)).size;
    case 'value_sum':
      // With lower bounds only the positive count: a sum that a refund could push down again would
      // depend on the order of arrival, and would let a sender hide an amount behind a negative one.
      return numbersOf(window).reduce(
        (sum, value) => sum + (plan.isImmediate ? Math.max(value, 0) : value),
        0,
      );
    case 'value_avg': {
      const numbers = numbersOf(window);
      if (numbers.length === 0) return null;
      return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    }
    case 'value_percentile':
      return plan.percentile === null
        ? shareOf(window, last)
        : nearestRank(numbersOf(window), plan.percentile);
    case 'temporal_ordered':
      return null;
  }
}

function numbersOf(window: readonly WindowEntry[]): number[] {
  return window.flatMap((entry) => entry.values.filter((value) => typeof value === 'number'));
}

/** Per cent of the window's entries that carry the value of its last one. */
function shareOf(window: readonly WindowEntry[], last: WindowEntry): number | null {
  const [value] = last.values;
  if (value === undefined) return null;
  const same = window.filter((entry) => entry.values.includes(value)).length;
  return (100 * same) / window.length;
}

/** The smallest number with at least `percentile` per cent of the numbers at or below it. */
function nearestRank(numbers: readonly number[], percentile: number): number | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percentile / 100) * sorted.length) - 1] ?? null;
}

/**
 * Entries on some chain rule 0, rule 1, … that ends with `last`, each strictly later than the one
 * before: events of the same instant have no order (calls that one message makes side by side).
 */
function findChains(
  window: readonly WindowEntry[],
  last: WindowEntry,
  inputs: number,
): readonly number[] | null {
  if (last.input !== inputs - 1) return null;
  /** Earliest time by which rules 0 … n have occurred in order. */
  const reached = Array.from({ length: inputs }, () => Number.POSITIVE_INFINITY);
  for (let input = 0; input < inputs; input += 1) {
    const after = input === 0 ? Number.NEGATIVE_INFINITY : (reached[input - 1] ?? Infinity);
    for (const entry of window) {
      if (entry.input !== input || entry.at <= after) continue;
      reached[input] = Math.min(reached[input] ?? Infinity, entry.at);
    }
  }
  const before = inputs === 1 ? Number.NEGATIVE_INFINITY : (reached[inputs - 2] ?? Infinity);
  if (last.at <= before) return null;
  /** Latest time at which rules n … can still be completed by `last`. */
  const latest = Array.from({ length: inputs }, () => Number.NEGATIVE_INFINITY);
  latest[inputs - 1] = last.at;
  for (let input = inputs - 2; input >= 0; input -= 1) {
    const limit = latest[input + 1] ?? Number.NEGATIVE_INFINITY;
    for (const entry of window) {
      if (entry.input !== input || entry.at >= limit) continue;
      latest[input] = Math.max(latest[input] ?? entry.at, entry.at);
    }
  }
  return window.flatMap((entry, index) => {
    if (entry.input === inputs - 1) return entry === last ? [index] : [];
    const after = entry.input === 0 ? Number.NEGATIVE_INFINITY : (reached[entry.input - 1] ?? 0);
    const limit = latest[entry.input + 1] ?? Number.NEGATIVE_INFINITY;
    return entry.at > after && entry.at < limit ? [index] : [];
  });
}
