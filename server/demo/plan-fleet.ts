import { incidentScenarios, quietScenarios } from '#db/scenarios/index.ts';
import type { Scenario } from '#db/scenarios/scenario.ts';
import type { Random } from './fill-template.ts';

/** Storage that a demo may take: after this many events its fleet rests for good. */
export const demoEventsMax = 60_000;
/** Lively for somebody who looks on, calmer the longer it runs. */
const livelyEvents = 5_000;
const livelyPauseMs = 2_500;
const calmPauseMs = 20_000;
/** The first three incidents come early, so that a newcomer meets each within a minute. */
const firstIncidentsMs: readonly number[] = [6_000, 22_000, 40_000];
const incidentPauseMs = 4 * 60_000;

/** Which ordinary run comes next, and after which pause; null when the budget is used up. Pure. */
export function nextQuietRun(
  posted: number,
  random: Random,
): { readonly scenario: Scenario; readonly pauseMs: number } | null {
  if (posted >= demoEventsMax) return null;
  const scenario = quietScenarios[Math.floor(random() * quietScenarios.length)];
  if (!scenario) return null;
  const pauseMs = posted < livelyEvents ? livelyPauseMs : calmPauseMs;
  return { scenario, pauseMs: Math.round(pauseMs * (0.5 + random())) };
}

/** The n-th incident (from 0) and when it begins, in ms after the fleet's start. Pure. */
export function nextIncident(
  n: number,
  posted: number,
): { readonly scenario: Scenario; readonly atMs: number } | null {
  if (posted >= demoEventsMax) return null;
  const scenario = incidentScenarios[n % incidentScenarios.length];
  if (!scenario) return null;
  const early = firstIncidentsMs[n];
  if (early !== undefined) return { scenario, atMs: early };
  const last = firstIncidentsMs.at(-1) ?? 0;
  return { scenario, atMs: last + (n - firstIncidentsMs.length + 1) * incidentPauseMs };
}
