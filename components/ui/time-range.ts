/** A span of time that a person chose: the last so-and-so-much, or from one instant to another. */
export type TimeRange =
  | { readonly kind: 'relative'; readonly lengthMs: number }
  | { readonly kind: 'absolute'; readonly fromMs: number; readonly toMs: number };

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitMs;

/** A range reaches over at most a year and a day. */
export const timeRangeMsMax = 366 * unitMs.d;

/** What the picker offers, in the form that the URL carries. */
export const timeRangePresets = ['15m', '1h', '6h', '24h', '7d', '30d'] as const;

const relativePattern = /^(\d{1,4})([mhd])$/;

function isUnit(text: string | undefined): text is Unit {
  return text !== undefined && text in unitMs;
}

/**
 * Reads a range from the URL: `24h`, or `2026-11-22T00:00:00.000Z_2026-11-22T12:00:00.000Z`.
 * Null for anything else, for an end before its start, and for more than `timeRangeMsMax`.
 */
export function parseTimeRange(text: string): TimeRange | null {
  const relative = relativePattern.exec(text);
  if (relative !== null) {
    const [, digits = '', unit] = relative;
    if (!isUnit(unit)) return null;
    const lengthMs = Number(digits) * unitMs[unit];
    return lengthMs > 0 && lengthMs <= timeRangeMsMax ? { kind: 'relative', lengthMs } : null;
  }
  const [from = '', to = '', ...rest] = text.split('_');
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to);
  const isValid = rest.length === 0 && toMs > fromMs && toMs - fromMs <= timeRangeMsMax;
  return isValid ? { kind: 'absolute', fromMs, toMs } : null;
}

/** The form that the URL carries; {@link parseTimeRange} reads it back. */
export function serialiseTimeRange(range: TimeRange): string {
  if (range.kind === 'absolute') {
    return `${new Date(range.fromMs).toISOString()}_${new Date(range.toMs).toISOString()}`;
  }
  const { lengthMs } = range;
  if (lengthMs % unitMs.d === 0 && lengthMs >= 2 * unitMs.d) return `${lengthMs / unitMs.d}d`;
  if (lengthMs % unitMs.h === 0) return `${lengthMs / unitMs.h}h`;
  return `${Math.max(1, Math.round(lengthMs / unitMs.m))}m`;
}

/** The instants a range stands for now: from inclusive, to exclusive, in epoch milliseconds. */
export function resolveTimeRange(
  range: TimeRange,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  return range.kind === 'absolute'
    ? { fromMs: range.fromMs, toMs: range.toMs }
    : { fromMs: nowMs - range.lengthMs, toMs: nowMs };
}

/** `Last 24 hours`, `Last 1 hour`; an absolute range has no short name, so its length is told. */
export function nameTimeRange(range: TimeRange): string {
  const lengthMs = range.kind === 'relative' ? range.lengthMs : range.toMs - range.fromMs;
  const names = { m: 'minute', h: 'hour', d: 'day' } as const;
  const text = serialiseTimeRange({ kind: 'relative', lengthMs });
  const unit = text.slice(-1);
  const count = Number(text.slice(0, -1));
  const name = isUnit(unit) ? names[unit] : 'minute';
  const length = `${count} ${name}${count === 1 ? '' : 's'}`;
  return range.kind === 'relative' ? `Last ${length}` : `${length}, fixed`;
}
