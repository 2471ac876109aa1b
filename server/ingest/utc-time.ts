/** Where OTLP's 64-bit nanoseconds end; also bounds the native times, well inside Postgres's. */
export const storableYearMax = 2553;

const pattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2})?(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/i;

/** RFC 3339 with any offset → UTC with microseconds, the rest cut; the text must be valid. */
export function toUtc(time: string): string {
  const [, minute = '', second = ':00', fraction = '', offset = 'Z'] = pattern.exec(time) ?? [];
  const utc = new Date(`${minute}${second}${offset}`.toUpperCase()).toISOString();
  return `${utc.slice(0, -5)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

/** True for a time from 1970 to {@link storableYearMax}, which every part of Signalbox can hold. */
export function isStorableTime(time: string): boolean {
  const year = new Date(time.toUpperCase()).getUTCFullYear();
  return year >= 1970 && year <= storableYearMax;
}
