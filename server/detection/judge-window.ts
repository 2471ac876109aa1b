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
  if (plan.type === 'temporal_ordered') return findChains(plan, window, last);
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
      return countValues(window);
    case 'temporal':
      return countInputs(window);
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

/** Distinct values; by a loop, as a window is judged with every event that joins it. */
function countValues(window: readonly WindowEntry[]): number {
  const seen = new Set<string | number>();
  for (const { values } of window) for (const value of values) seen.add(value);
  return seen.size;
}

function countInputs(window: readonly WindowEntry[]): number {
  // At most 32 rules: one bit each.
  let seen = 0;
  let count = 0;
  for (const { input } of window) {
    const bit = 1 << input;
    if ((seen & bit) !== 0) continue;
    seen |= bit;
    count += 1;
  }
  return count;
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
  // Multiplied first: 0.07 × 100 is more than 7, and would take the rank behind.
  return sorted[Math.ceil((percentile * sorted.length) / 100) - 1] ?? null;
}

/**
 * Entries on a chain that ends with `last` and is as long as the bounds ask: of rules in the order
 * given, each entry strictly later than the one before, as events of the same instant have no order
 * (calls that one message makes side by side). Null when there is none. Without bounds of its own a
 * correlation asks for all its rules.
 */
function findChains(
  plan: CorrelationPlan,
  window: readonly WindowEntry[],
  last: WindowEntry,
): readonly number[] | null {
  // Most windows end here: a chain of all rules ends with the last of them.
  const isWhole = plan.bounds.some(({ bound, value }) => bound === 'gte' && value >= plan.inputs);
  if (isWhole && last.input !== plan.inputs - 1) return null;
  const isEnough = (length: number) =>
    plan.bounds.every(({ bound, value }) => holds[bound](length, value));
  const before = chainsBefore(window, plan.inputs);
  const at = window.indexOf(last);
  if (!isEnough(before[at] ?? 0)) return null;
  const after = chainsAfter(window, at, plan.inputs);
  return window.flatMap((_, index) => {
    const length = (before[index] ?? 0) + (after[index] ?? 0) - 1;
    return (after[index] ?? 0) > 0 && isEnough(length) ? [index] : [];
  });
}

/** For each entry the length of the longest chain that ends with it. */
function chainsBefore(window: readonly WindowEntry[], inputs: number): readonly number[] {
  /** Longest chain that ends with each rule, strictly before the instant in hand. */
  const longest = Array.from({ length: inputs }, () => 0);
  const lengths: number[] = [];
  for (const instant of instantsOf(window)) {
    for (const { input } of instant) lengths.push(1 + Math.max(0, ...longest.slice(0, input)));
    const from = lengths.length - instant.length;
    instant.forEach(({ input }, offset) => {
      longest[input] = Math.max(longest[input] ?? 0, lengths[from + offset] ?? 0);
    });
  }
  return lengths;
}

/** For each entry the length of the longest chain from it to the one at `end`; 0 without any. */
function chainsAfter(
  window: readonly WindowEntry[],
  end: number,
  inputs: number,
): readonly number[] {
  const longest = Array.from({ length: inputs }, () => 0);
  const lengths = window.map((_, index): number => (index === end ? 1 : 0));
  const last = window[end];
  if (last === undefined) return lengths;
  longest[last.input] = 1;
  let index = window.length;
  for (const instant of instantsOf(window).toReversed()) {
    index -= instant.length;
    if ((instant[0]?.at ?? last.at) >= last.at) continue;
    instant.forEach(({ input }, offset) => {
      const rest = Math.max(0, ...longest.slice(input + 1));
      lengths[index + offset] = rest === 0 ? 0 : rest + 1;
    });
    instant.forEach(({ input }, offset) => {
      longest[input] = Math.max(longest[input] ?? 0, lengths[index + offset] ?? 0);
    });
  }
  return lengths;
}

/** A window in runs of the same time, earliest first. */
function instantsOf(window: readonly WindowEntry[]): (readonly WindowEntry[])[] {
  const instants: WindowEntry[][] = [];
  for (const entry of window) {
    const run = instants.at(-1);
    if (run !== undefined && run[0]?.at === entry.at) run.push(entry);
    else instants.push([entry]);
  }
  return instants;
}
