/** A time until which an alert may be set aside. */
export interface SnoozeChoice {
  readonly name: string;
  readonly until: string;
}

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
const morningHour = 9;
const monday = 1;

/** Nine o'clock so many days on, on the clock that the person reads. */
function morningAfter(nowMs: number, days: number, zone: 'utc' | 'local'): number {
  const day = new Date(nowMs + days * dayMs);
  if (zone === 'utc') return day.setUTCHours(morningHour, 0, 0, 0);
  return day.setHours(morningHour, 0, 0, 0);
}

/** What a snooze can be set to, the shortest first; mornings go by the zone that is shown. */
export function prepareSnooze(nowMs: number, zone: 'utc' | 'local'): SnoozeChoice[] {
  const now = new Date(nowMs);
  const weekday = zone === 'utc' ? now.getUTCDay() : now.getDay();
  const daysToMonday = (monday - weekday + 7) % 7 || 7;
  const times: readonly (readonly [string, number])[] = [
    ['One hour', nowMs + hourMs],
    ['Four hours', nowMs + 4 * hourMs],
    ['Tomorrow at 9:00', morningAfter(nowMs, 1, zone)],
    ['Monday at 9:00', morningAfter(nowMs, daysToMonday, zone)],
    ['Thirty days', nowMs + 30 * dayMs],
  ];
  return times.map(([name, untilMs]) => ({ name, until: new Date(untilMs).toISOString() }));
}

/** How long until the next snoozed alert is back, for asking again then; false when none is. */
export function msUntilReturn(nextReturnAt: string | null, nowMs: number): number | false {
  if (nextReturnAt === null) return false;
  // A timer of the browser ends at 25 days, and clocks are set: ask once an hour at least.
  return Math.min(hourMs, Math.max(1000, Date.parse(nextReturnAt) - nowMs + 250));
}
