/** One measured figure, as `npm run bench` prints it: one JSON line on standard output. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** Milliseconds. */
  readonly p50: number | null;
  readonly p99: number | null;
  /** What the figure is held against, measured in the same run; null where there is none. */
  readonly floorName: string | null;
  readonly floor: number | null;
  readonly ratio: number | null;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Of a figure that is held against nothing. */
export const noFloor = { floorName: null, floor: null, ratio: null } as const;

/** The smallest sample that at least `share` (0–1) of all samples do not exceed. NaN when empty. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Three significant digits are more than these machines can repeat. */
export function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(3)) : value;
}

/** Prints a figure on standard output; everything else a bench says goes to standard error. */
export function printFigure(figure: Figure): void {
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
