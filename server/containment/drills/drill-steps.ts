import { limits } from '#server/kernel/limits.ts';
import type { DrillInstants, DrillMeasure } from './contract.ts';

/** Where a drill stands; milliseconds of the database's clock. */
export interface DrillProgress {
  readonly startedMs: number;
  readonly isHandsOn: boolean;
  /** The agent is still marked for drills. */
  readonly isMarked: boolean;
  readonly isSignalled: boolean;
  readonly isDetected: boolean;
  readonly stop: { readonly isAcknowledged: boolean; readonly isLifted: boolean } | null;
  readonly isRevokeDone: boolean;
  readonly isConfirmed: boolean;
}

/** What is to be done next; `look`: whether all instances are quiet. */
export type DrillStep = 'signal' | 'stop' | 'revoke' | 'look' | 'end' | 'lapse';

/**
 * The next thing that a drill needs, null while it waits: for its alert, for somebody's stop, for the
 * drain, for the lift. It never lifts: nothing that was stopped starts again by itself, a drill least of
 * all. Pure.
 */
export function nextDrillStep(drill: DrillProgress, nowMs: number): DrillStep | null {
  const { stop } = drill;
  if (stop?.isLifted === true) return 'end';
  if (nowMs - drill.startedMs > limits.drillLapseMs) return 'lapse';
  // Whoever took the mark away meanwhile must not see the agent stopped for exercise.
  if (stop === null && !drill.isMarked) return 'lapse';
  if (!drill.isSignalled) return 'signal';
  if (stop === null) {
    if (drill.isHandsOn) return null;
    const isLate = nowMs - drill.startedMs > limits.drillDetectMs;
    return drill.isDetected || isLate ? 'stop' : null;
  }
  if (!stop.isAcknowledged) return null;
  if (!drill.isRevokeDone) return 'revoke';
  return drill.isConfirmed ? null : 'look';
}

/** From which instant to which each measure goes. */
const spans: Readonly<Record<DrillMeasure, readonly [keyof DrillInstants, keyof DrillInstants]>> = {
  detect: ['startedAt', 'detectedAt'],
  decide: ['detectedAt', 'stoppedAt'],
  stop: ['stoppedAt', 'acknowledgedAt'],
  revoke: ['stoppedAt', 'revokedAt'],
  provider: ['stoppedAt', 'credentialDeadAt'],
  confirm: ['stoppedAt', 'confirmedAt'],
  recover: ['stoppedAt', 'liftedAt'],
};

/**
 * What a drill took, in milliseconds; null where either end is missing, or where they stand the other
 * way round: who stopped before the alert was there decided without it. Pure.
 */
export function measureDrill(instants: DrillInstants): Record<DrillMeasure, number | null> {
  const measure = ([from, to]: (typeof spans)[DrillMeasure]): number | null => {
    const [start, end] = [instants[from], instants[to]];
    if (start === null || end === null) return null;
    const tookMs = Date.parse(end) - Date.parse(start);
    return tookMs < 0 ? null : tookMs;
  };
  return {
    detect: measure(spans.detect),
    decide: measure(spans.decide),
    stop: measure(spans.stop),
    revoke: measure(spans.revoke),
    provider: measure(spans.provider),
    confirm: measure(spans.confirm),
    recover: measure(spans.recover),
  };
}

/** When a tenant's next drill begins by itself, and whether the last one is too long ago. Pure. */
export function judgePlan(
  plan: {
    readonly setMs: number;
    readonly intervalDays: number;
    readonly lastStartedMs: number | null;
    readonly lastDoneMs: number | null;
  },
  nowMs: number,
): { readonly dueMs: number; readonly isDue: boolean; readonly isOverdue: boolean } {
  const intervalMs = plan.intervalDays * 86_400_000;
  const dueMs = Math.max(plan.setMs, plan.lastStartedMs ?? 0) + intervalMs;
  // Changing the plan begins its time anew; a drill that nobody brought to its end does not count.
  const overdueMs = Math.max(plan.setMs, plan.lastDoneMs ?? 0) + intervalMs + limits.drillGraceMs;
  return { dueMs, isDue: nowMs >= dueMs, isOverdue: nowMs > overdueMs };
}
