import { describe, expect, it } from 'vitest';
import { judgeResumption } from './judge-resumption.ts';

const quiet = {
  atMs: 1000,
  watchedUntilMs: 2000,
  isEnded: false,
  graveAlerts: 0,
  asks: 0,
  lastSeenMs: null,
};

describe('judgeResumption', () => {
  it.each([
    ['watched still', { asks: 5 }, 1999, 'watching'],
    ['over, with work and no alert', { asks: 1 }, 2000, 'clean'],
    ['over, heard of by telemetry alone', { lastSeenMs: 1001 }, 2000, 'clean'],
    ['over without a sign of it', {}, 2000, 'silent'],
    ['last heard before it went on', { lastSeenMs: 1000 }, 2000, 'silent'],
    ['an alert ends all doubt at once', { asks: 9, graveAlerts: 1 }, 1500, 'alerted'],
    ['and is not forgotten after the watch', { asks: 9, graveAlerts: 1 }, 9000, 'alerted'],
    ['held again, whatever else is known', { isEnded: true, graveAlerts: 1 }, 1500, 'held'],
  ] as const)('%s: %s', (_, facts, nowMs, verdict) => {
    expect(judgeResumption({ ...quiet, ...facts }, nowMs)).toBe(verdict);
  });
});
