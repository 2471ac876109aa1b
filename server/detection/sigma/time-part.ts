import type { TimePart } from '#server/detection/sigma/field-modifiers.ts';
import type { Scalar } from '#server/detection/sigma/prepared-event.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * The number a time modifier takes from a date: RFC 3339 text or milliseconds since 1970. Read in
 * UTC, as Sigma leaves zones to the event; text without a zone counts as UTC. Null for no date.
 */
export function timePartOf(value: Scalar, part: TimePart): number | null {
  const date = dateOf(value);
  if (date === null) return null;
  switch (part) {
    case 'minute':
      return date.getUTCMinutes();
    case 'hour':
      return date.getUTCHours();
    case 'day':
      return date.getUTCDate();
    case 'week':
      return isoWeek(date);
    case 'month':
      return date.getUTCMonth() + 1;
    case 'year':
      return date.getUTCFullYear();
  }
}

function dateOf(value: Scalar): Date | null {
  if (typeof value === 'boolean') return null;
  if (typeof value === 'string' && !/^\d{4}-\d{2}-\d{2}/.test(value)) return null;
  const hasZone = typeof value === 'string' && /(z|[-+]\d{2}:?\d{2})$/i.test(value.slice(10));
  const isDayOnly = typeof value === 'string' && value.length === 10;
  const text = typeof value === 'string' ? value.replace(' ', 'T') : value;
  const date = new Date(typeof text === 'number' || hasZone || isDayOnly ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** ISO 8601 week: the one that holds the year's first Thursday is 1. */
function isoWeek(date: Date): number {
  const day = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  const thursday = new Date(day + (4 - (date.getUTCDay() || 7)) * dayMs);
  const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.ceil((thursday.getTime() - yearStart + dayMs) / dayMs / 7);
}
