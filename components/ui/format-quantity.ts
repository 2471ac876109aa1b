const space = '\u00a0';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Three significant digits, trailing zeros dropped: `1.24`, `12.4`, `124`. */
function threeDigits(value: number): string {
  const fraction = Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
  return String(Number(value.toFixed(fraction)));
}

/** A count in full, with thousands set apart: `12,408`. For tables and where it is compared. */
export function formatCount(count: number): string {
  return Number.isFinite(count) ? whole.format(count) : 'unknown';
}

/** A count in short, for tiles and axes: `12.4k`, `3.1M`. Below ten thousand it stays exact. */
export function formatCountShort(count: number): string {
  if (!Number.isFinite(count)) return 'unknown';
  const size = Math.abs(count);
  if (size < 10_000) return formatCount(count);
  if (size < 999_500) return `${threeDigits(count / 1e3)}k`;
  if (size < 999_500_000) return `${threeDigits(count / 1e6)}M`;
  return `${threeDigits(count / 1e9)}G`;
}

/** A length of time given in milliseconds: `0.4 ms`, `120 ms`, `1.24 s`, `3 min 5 s`, `2 h 4 min`. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs) || durationMs < 0) return 'unknown';
  if (durationMs < 999.5) return `${threeDigits(durationMs)}${space}ms`;
  if (durationMs < 59_950) return `${threeDigits(durationMs / 1000)}${space}s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return pair(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(minutes, 60, 'h', 'min');
  return pair(Math.round(minutes / 60), 24, 'd', 'h');
}

function pair(value: number, base: number, big: string, small: string): string {
  const rest = value % base;
  const head = `${Math.floor(value / base)}${space}${big}`;
  return rest === 0 ? head : `${head} ${rest}${space}${small}`;
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes in powers of 1024: `812 B`, `1.5 KiB`, `20 MiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return 'unknown';
  let value = bytes;
  let index = 0;
  while (value >= 1023.5 && index < byteUnits.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${threeDigits(value)}${space}${byteUnits[index]}`;
}

/** So many a second: `0.25/s`, `1,240/s`. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return 'unknown';
  const text = Math.abs(perSecond) >= 999.5 ? formatCount(perSecond) : threeDigits(perSecond);
  return `${text}/s`;
}

/**
 * A share in percent, from a part and its whole: `12 %`, `0.4 %`. What is not nothing never reads
 * `0 %`, and what is not all never reads `100 %`. A whole of 0 has no share: `–`.
 */
export function formatShare(part: number, all: number): string {
  if (!Number.isFinite(part) || !Number.isFinite(all) || all <= 0) return '–';
  const percent = (part / all) * 100;
  if (part > 0 && percent < 0.1) return `<0.1${space}%`;
  if (part < all && percent > 99.9) return `>99.9${space}%`;
  const text =
    percent < 10 && percent > 0 ? String(Number(percent.toFixed(1))) : percent.toFixed(0);
  return `${text === '100' && part < all ? percent.toFixed(1) : text}${space}%`;
}

/** A noun with its count: `1 alert`, `12 alerts`. Irregular plurals are given. */
export function formatCounted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
