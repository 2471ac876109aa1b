import { z } from 'zod';
import { addSample, judge, measureSchema, noMeasure } from '#server/detection/baseline/measure.ts';
import type { ReadingOf } from '#server/detection/baseline/readings.ts';
import { limits } from '#server/kernel/limits.ts';

const hourMs = 60 * 60_000;

/** Calls and failures of one tool by the hour of event time. Hours are counted since 1970. */
export const hourlySchema = z.object({
  /** Hours that may still grow, in any order. */
  open: z.array(
    z.object({
      hour: z.number().int(),
      calls: z.number().int().nonnegative(),
      ended: z.number().int().nonnegative(),
      errors: z.number().int().nonnegative(),
    }),
  ),
  /** The first hour that is not closed; null before the first call. */
  next: z.number().int().nullable(),
  /** Calls an hour, over the closed hours. */
  volume: measureSchema,
  /** Calls that ended in closed hours, and those of them that failed; old ones weigh less. */
  ended: z.number().nonnegative(),
  errors: z.number().nonnegative(),
});
export type Hourly = z.infer<typeof hourlySchema>;

export function noHourly(): Hourly {
  return { open: [], next: null, volume: noMeasure(), ended: 0, errors: 0 };
}

/** What of a call an event tells: that it began, that it ended, or both. */
export interface Told {
  readonly isCall: boolean;
  readonly isEnd: boolean;
  readonly isError: boolean;
}

export interface HourReadings {
  readonly volume: Omit<ReadingOf<'volume'>, 'kind' | 'tool'> | null;
  readonly errors: Omit<ReadingOf<'errors'>, 'kind' | 'tool'> | null;
}

const silence: HourReadings = { volume: null, errors: null };

/**
 * Takes one event in. An hour closes when the agent's latest event is so far behind its end as
 * events may be late: in any order of arrival within that, the same hours close with the same
 * counts. An event of an hour that is closed changes nothing and is told nothing of.
 */
export function noteHour(state: Hourly, at: number, latest: number, told: Told): HourReadings {
  const hour = Math.floor(at / hourMs);
  state.next ??= hour;
  const closing = Math.floor((latest - limits.allowedLatenessMs) / hourMs);
  closeHours(state, closing);
  // A call of the hour before the first one: what is known of a tool begins a little earlier.
  if (hour < state.next && hour >= closing && state.volume.n === 0) state.next = hour;
  if (hour < state.next) return silence;
  const open = openHour(state, hour);
  if (told.isCall) open.calls += 1;
  if (told.isEnd) open.ended += 1;
  if (told.isEnd && told.isError) open.errors += 1;
  return {
    volume: told.isCall ? readVolume(state, open.calls) : null,
    errors: told.isEnd && told.isError ? readErrors(state, open) : null,
  };
}

/** Closes every hour before `until`; one without a call counts as an hour of none. */
function closeHours(state: Hourly, until: number): void {
  if (state.next === null || state.next >= until) return;
  const done = state.open.filter(({ hour }) => hour < until).sort((a, b) => a.hour - b.hour);
  let next = state.next;
  for (const { hour, calls, ended, errors } of done) {
    addSample(state.volume, 0, limits.baselineHoursMax, hour - next);
    addSample(state.volume, calls, limits.baselineHoursMax);
    state.ended += ended;
    state.errors += errors;
    next = hour + 1;
  }
  addSample(state.volume, 0, limits.baselineHoursMax, until - next);
  if (state.ended > limits.baselineEndedMax) {
    state.errors *= limits.baselineEndedMax / state.ended;
    state.ended = limits.baselineEndedMax;
  }
  if (done.length > 0) state.open = state.open.filter(({ hour }) => hour >= until);
  state.next = until;
}

function openHour(state: Hourly, hour: number): Hourly['open'][number] {
  const known = state.open.find((item) => item.hour === hour);
  if (known !== undefined) return known;
  const fresh = { hour, calls: 0, ended: 0, errors: 0 };
  state.open.push(fresh);
  return fresh;
}

function readVolume({ volume }: Hourly, calls: number): HourReadings['volume'] {
  if (volume.n < limits.baselineHoursMin) return null;
  const floor = Math.max(1, Math.sqrt(volume.mean));
  return { hours: volume.n, ...judge(volume, calls, floor) };
}

/**
 * Against the binomial expectation, with the share smoothed (Laplace): a tool that never failed in a
 * hundred calls may fail once in the next.
 */
function readErrors(state: Hourly, open: Hourly['open'][number]): HourReadings['errors'] {
  const { ended, errors } = state;
  if (ended < limits.baselineEndedMin || open.ended < limits.baselineHourEndedMin) return null;
  const share = (errors + 1) / (ended + 2);
  const mean = open.ended * share;
  const std = Math.max(1, Math.sqrt(mean * (1 - share)));
  const value = open.errors;
  return { calls: open.ended, known: ended, value, mean, std, sigma: (value - mean) / std };
}
