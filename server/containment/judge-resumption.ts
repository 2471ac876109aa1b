import type { ResumptionVerdict } from './contract.ts';

/** What a watch is judged by. Times are milliseconds of the database's clock. */
export interface WatchFacts {
  readonly atMs: number;
  readonly watchedUntilMs: number;
  readonly isEnded: boolean;
  readonly graveAlerts: number;
  /** What it asked for since. */
  readonly asks: number;
  /** When anything of it was last received; null: never. */
  readonly lastSeenMs: number | null;
}

/** What a watch has found. Silence is no good sign: an agent that did nothing proves nothing. Pure. */
export function judgeResumption(facts: WatchFacts, nowMs: number): ResumptionVerdict {
  if (facts.isEnded) return 'held';
  if (facts.graveAlerts > 0) return 'alerted';
  if (nowMs < facts.watchedUntilMs) return 'watching';
  const isHeard = facts.asks > 0 || (facts.lastSeenMs !== null && facts.lastSeenMs > facts.atMs);
  return isHeard ? 'clean' : 'silent';
}
