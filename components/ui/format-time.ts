/** `local` is the zone of the browser; anything else is an IANA name. */
export type TimeZoneChoice = 'utc' | 'local' | (string & {});

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Largest unit first; a distance is told in the largest that it fills, rounded down. */
const units: readonly (readonly [unitMs: number, name: string])[] = [
  [day, 'd'],
  [hour, 'h'],
  [minute, 'min'],
  [second, 's'],
];

/**
 * How long ago, or how soon: `12 s ago`, `in 3 min`, `now` within a second. Rounded down, so that
 * "1 h ago" is never less than an hour. Distances of 30 days and more come as a date (UTC).
 */
export function formatRelative(instantMs: number, nowMs: number): string {
  const distance = Math.abs(nowMs - instantMs);
  if (!Number.isFinite(distance)) return 'unknown';
  if (distance < second) return 'now';
  if (distance >= 30 * day) return new Date(instantMs).toISOString().slice(0, 10);
  const [unitMs, name] = units.find(([size]) => distance >= size) ?? [second, 's'];
  const text = `${Math.floor(distance / unitMs)}\u00a0${name}`;
  return instantMs <= nowMs ? `${text} ago` : `in ${text}`;
}

const formats = new Map<TimeZoneChoice, Intl.DateTimeFormat>();

function formatOf(zone: TimeZoneChoice): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const timeZone = zone === 'utc' ? 'UTC' : zone;
  const made = new Intl.DateTimeFormat('en-GB', {
    ...(zone === 'local' ? {} : { timeZone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZoneName: 'short',
  });
  formats.set(zone, made);
  return made;
}

/** How much of an instant is written. */
export type InstantPart = 'full' | 'second' | 'minute' | 'time' | 'date';

/**
 * An exact instant: `2026-11-22 14:03:22.120 UTC` (`full`). The zone is always named where the hour
 * is, except in `time` (`14:03:22`), which stands where a heading names it. Not a date: `unknown`.
 */
export function formatInstant(
  instantMs: number,
  zone: TimeZoneChoice,
  part: InstantPart = 'full',
): string {
  if (!Number.isFinite(instantMs)) return 'unknown';
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instantMs)) parts[type] = value;
  const date = `${parts['year']}-${parts['month']}-${parts['day']}`;
  const clock = `${parts['hour']}:${parts['minute']}`;
  const zoneName = parts['timeZoneName'] ?? '';
  switch (part) {
    case 'full':
      return `${date} ${clock}:${parts['second']}.${parts['fractionalSecond']} ${zoneName}`;
    case 'second':
      return `${date} ${clock}:${parts['second']} ${zoneName}`;
    case 'minute':
      return `${date} ${clock} ${zoneName}`;
    case 'time':
      return `${clock}:${parts['second']}`;
    case 'date':
      return date;
  }
}
