import { formatInstant, type TimeZoneChoice } from '../ui/format-time.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Widths of buckets and distances of ticks that people can read off a clock. */
const steps: readonly number[] = [
  second,
  5 * second,
  10 * second,
  30 * second,
  minute,
  5 * minute,
  10 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  7 * day,
];

/** The narrowest readable width at which a span has at most `bucketsMax` buckets. */
export function chooseBucketMs(spanMs: number, bucketsMax: number): number {
  const fitting = steps.find((step) => spanMs / step <= bucketsMax);
  return fitting ?? Math.ceil(spanMs / bucketsMax / day) * day;
}

/** Start of the bucket that an instant falls into, counted from the epoch (UTC). */
export function bucketStart(instantMs: number, bucketMs: number): number {
  return Math.floor(instantMs / bucketMs) * bucketMs;
}

/** Instants at which an axis is labelled: multiples of one readable step, at most `ticksMax`. */
export function timeTicks(fromMs: number, toMs: number, ticksMax: number): readonly number[] {
  if (!(toMs > fromMs)) return [];
  const step = chooseBucketMs(toMs - fromMs, ticksMax);
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) ticks.push(at);
  return ticks;
}

/** A tick's label, as short as its span allows: `14:03:20`, `14:03`, `11-22`. */
export function formatTick(instantMs: number, spanMs: number, zone: TimeZoneChoice): string {
  if (spanMs <= 5 * minute) return formatInstant(instantMs, zone, 'time');
  if (spanMs <= 2 * day) return formatInstant(instantMs, zone, 'time').slice(0, 5);
  return formatInstant(instantMs, zone, 'date').slice(5);
}
