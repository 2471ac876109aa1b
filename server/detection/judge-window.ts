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

/** False when the number of a window's entries, or its last one alone, tells that it does not fire. */
export function mayFire(plan: CorrelationPlan, entries: number, last: WindowEntry): boolean {
  if (plan.type === 'temporal_ordered') {
    // Most windows end here: a chain of all rules ends with the last of them.
    const isWhole = plan.bounds.some(({ bound, value }) => bound === 'gte' && value >= plan.inputs);
    return !isWhole || last.input === plan.inputs - 1;
  }
  if (plan.type !== 'event_count') return true;
  return plan.bounds.every(({ bound, value }) => holds[bound](entries, value));
}

/** A window as a stretch of the entries that its group remembers, `to` exclusive. */
export interface WindowRange {
  readonly entries: readonly WindowEntry[];
  readonly from: number;
  readonly to: number;
}

/** Which entries of a window took part: all of them, or those at these indexes of the whole list. */
export type Taking = 'all' | readonly number[];

/**
 * Whether the window that ends with `last` fires, and which of its entries took part; null when it does
 * not. Taking part depends only on what is in the window, never on the order of arrival. A busy group's
 * window is judged with each event that joins it, so what only counts copies nothing.
 */
export function judgeWindow(
  plan: CorrelationPlan,
  range: WindowRange,
  last: WindowEntry,
): Taking | null {
  if (plan.type === 'temporal_ordered') {
    return findChains(plan, windowOf(range), last)?.map((at) => range.from + at) ?? null;
  }
  const measure = measureWindow(plan, range, last);
  if (measure === null) return null;
  if (!plan.bounds.every(({ bound, value }) => holds[bound](measure, value))) return null;
  const isShare = plan.type === 'value_percentile' && plan.percentile === null;
  return isShare ? [range.entries.indexOf(last, range.from)] : 'all';
}

const windowOf = ({ entries, from, to }: WindowRange) => entries.slice(from, to);

/** The number that the correlation's bounds are held against; null when there is none. */
function measureWindow(
  plan: CorrelationPlan,
  range: WindowRange,
  last: WindowEntry,
): number | null {
  switch (plan.type) {
    case 'event_count':
      return range.to - range.from;
    case 'value_count':
      return countValues(range);
    case 'temporal':
      return countInputs(range);
    case 'value_sum':
      // With lower bounds only the positive count: a sum that a refund could push down again would
      // depend on the order of arrival, and would let a sender hide an amount behind a negative one.
      return numbersOf(windowOf(range)).reduce(
        (sum, value) => sum + (plan.isImmediate ? Math.max(value, 0) : value),
        0,
      );
    case 'value_avg': {
      const numbers = numbersOf(windowOf(range));
      if (numbers.length === 0) return null;
      return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    }
    case 'value_percentile':
      return plan.percentile === null
        ? shareOf(windowOf(range), last)
        : nearestRank(numbersOf(windowOf(range)), plan.percentile);
    case 'temporal_ordered':
      return null;
  }
}

function countValues({ entries, from, to }: WindowRange): number {
  const seen = new Set<string | number>();
  for (let at = from; at < to; at += 1) {
    for (const value of entries[at]?.values ?? []) seen.add(value);
  }
  return seen.size;
}

function countInputs({ entries, from, to }: WindowRange): number {
  // At most 32 rules: one bit each.
  let seen = 0;
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const bit = 1 << (entries[at]?.input ?? 0);
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
