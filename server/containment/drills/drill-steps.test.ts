import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { type DrillProgress, judgePlan, measureDrill, nextDrillStep } from './drill-steps.ts';

const begun: DrillProgress = {
  startedMs: 1_000_000,
  isHandsOn: false,
  isMarked: true,
  isSignalled: true,
  isDetected: false,
  stop: null,
  isRevokeDone: false,
  isConfirmed: false,
};
const stopped = { isAcknowledged: true, isLifted: false };
const [soon, late, tomorrow] = [1_000, limits.drillDetectMs + 1, limits.drillLapseMs + 1];

describe('nextDrillStep', () => {
  it.each<[string, Partial<DrillProgress>, number, string | null]>([
    ['says in the log that it began', { isSignalled: false }, 0, 'signal'],
    ['waits for its alert', {}, soon, null],
    [
      'stops no agent that is not for drills any more',
      { isMarked: false, isDetected: true },
      soon,
      'lapse',
    ],
    ['ends what it began on it', { isMarked: false, stop: stopped }, soon, 'revoke'],
    ['stops when the alert is there', { isDetected: true }, soon, 'stop'],
    ['stops without it in the end', {}, late, 'stop'],
    ['leaves the stop to people', { isHandsOn: true, isDetected: true }, late, null],
    ['waits for the drain', { stop: { ...stopped, isAcknowledged: false } }, soon, null],
    ['ends the leases', { stop: stopped }, soon, 'revoke'],
    ['looks whether it is quiet', { stop: stopped, isRevokeDone: true }, soon, 'look'],
    ['waits for the lift', { stop: stopped, isRevokeDone: true, isConfirmed: true }, soon, null],
    ['ends with the lift', { stop: { ...stopped, isLifted: true } }, soon, 'end'],
    ['ends with a lift that came late', { stop: { ...stopped, isLifted: true } }, tomorrow, 'end'],
    ['lapses without', { stop: stopped }, tomorrow, 'lapse'],
    ['lapses without a stop', { isHandsOn: true }, tomorrow, 'lapse'],
  ])('%s', (_what, change, afterMs, step) => {
    expect(nextDrillStep({ ...begun, ...change }, begun.startedMs + afterMs)).toBe(step);
  });
});

describe('measureDrill', () => {
  const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000).toISOString();
  const nothing = {
    startedAt: at(0),
    signalledAt: null,
    detectedAt: null,
    stoppedAt: null,
    acknowledgedAt: null,
    revokedAt: null,
    credentialDeadAt: null,
    confirmedAt: null,
    liftedAt: null,
  };
  const unknown = {
    detect: null,
    decide: null,
    stop: null,
    revoke: null,
    provider: null,
    confirm: null,
    recover: null,
  };

  it('invents nothing', () => {
    expect(measureDrill(nothing)).toEqual(unknown);
    expect(measureDrill({ ...nothing, stoppedAt: at(3), confirmedAt: at(9) })).toEqual({
      ...unknown,
      confirm: 6_000,
    });
  });

  it('counts each from what it follows', () => {
    const all = {
      ...nothing,
      detectedAt: at(1),
      stoppedAt: at(4),
      acknowledgedAt: at(4.25),
      revokedAt: at(5),
      credentialDeadAt: at(7),
      confirmedAt: at(16),
      liftedAt: at(64),
    };
    expect(measureDrill(all)).toEqual({
      detect: 1_000,
      decide: 3_000,
      stop: 250,
      revoke: 1_000,
      provider: 3_000,
      confirm: 12_000,
      recover: 60_000,
    });
  });

  it('calls a stop before the alert no decision on it', () => {
    const early = { ...nothing, stoppedAt: at(1), detectedAt: at(2) };
    expect(measureDrill(early)).toMatchObject({ detect: 2_000, decide: null });
  });
});

describe('judgePlan', () => {
  const day = 86_400_000;
  const plan = { setMs: 100 * day, intervalDays: 7, lastStartedMs: null, lastDoneMs: null };
  it.each([
    ['fresh', {}, 106, { isDue: false, isOverdue: false }],
    ['due', {}, 107, { isDue: true, isOverdue: false }],
    ['overdue', {}, 109, { isDue: true, isOverdue: true }],
    ['begun, not ended', { lastStartedMs: 107 * day }, 109, { isDue: false, isOverdue: true }],
    [
      'done',
      { lastStartedMs: 107 * day, lastDoneMs: 107 * day },
      109,
      { isDue: false, isOverdue: false },
    ],
    [
      'set anew after a drill',
      { lastStartedMs: 3 * day, lastDoneMs: 3 * day },
      106,
      { isDue: false, isOverdue: false },
    ],
  ])('%s', (_what, change, atDay, verdict) => {
    expect(judgePlan({ ...plan, ...change }, atDay * day)).toMatchObject(verdict);
  });
});
