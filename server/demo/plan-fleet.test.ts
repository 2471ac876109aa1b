import { describe, expect, it } from 'vitest';
import { incidentScenarios, quietScenarios } from '#db/scenarios/index.ts';
import { seededRandom } from './fill-template.ts';
import { demoEventsMax, nextIncident, nextQuietRun } from './plan-fleet.ts';

describe('nextQuietRun', () => {
  it('plays every ordinary scenario sooner or later', () => {
    const random = seededRandom(1);
    const names = new Set(
      Array.from({ length: 300 }, () => nextQuietRun(0, random)?.scenario.name ?? ''),
    );
    expect(names).toEqual(new Set(quietScenarios.map((one) => one.name)));
  });

  it.each([
    [0, 1_000, 4_000],
    [4_999, 1_000, 4_000],
    [5_000, 10_000, 30_000],
    [demoEventsMax - 1, 10_000, 30_000],
  ])('after %i events pauses between %i and %i ms', (posted, from, to) => {
    const random = seededRandom(posted);
    for (let n = 0; n < 200; n += 1) {
      const pauseMs = nextQuietRun(posted, random)?.pauseMs ?? -1;
      expect(pauseMs).toBeGreaterThanOrEqual(from);
      expect(pauseMs).toBeLessThanOrEqual(to);
    }
  });

  it('ends with the budget', () => {
    expect(nextQuietRun(demoEventsMax, seededRandom(1))).toBeNull();
  });
});

describe('nextIncident', () => {
  it('shows each of the three within the first minute, then one every four minutes', () => {
    const times = Array.from({ length: 6 }, (_, n) => nextIncident(n, 0));
    expect(times.slice(0, 3).every((one) => one !== null && one.atMs < 60_000)).toBe(true);
    expect(times.map((one) => one?.scenario.name)).toEqual([
      ...incidentScenarios.map((one) => one.name),
      ...incidentScenarios.map((one) => one.name),
    ]);
    expect((times[4]?.atMs ?? 0) - (times[3]?.atMs ?? 0)).toBe(240_000);
  });

  it('ends with the budget', () => {
    expect(nextIncident(0, demoEventsMax)).toBeNull();
  });
});
