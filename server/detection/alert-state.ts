import {
  alertMoves,
  type AlertChangeKind,
  type AlertState,
  type AlertVerdict,
} from '#server/detection/contract.ts';
import { limits } from '#server/kernel/limits.ts';

/** The part of an alert that its life depends on. Event times are milliseconds since 1970. */
export interface AlertLife {
  readonly state: AlertState;
  /** Distinct events that took part. */
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Distinct traces in order of event time, at most `limits.alertTracesMax`. */
  readonly traces: readonly { readonly id: string; readonly at: number }[];
  readonly verdict: AlertVerdict | null;
}

/** An event that a rule newly counts as evidence; nothing is counted twice by the caller. */
export interface NewEvidence {
  readonly at: number;
  /** Null for what belongs to no trace. */
  readonly traceId: string | null;
}

/** What follows from new evidence; `opened` means a new alert beside a resolved one, if any. */
export interface AlertStep {
  readonly next: AlertLife;
  readonly emit: Extract<AlertChangeKind, 'opened' | 'updated'>;
}

/**
 * Adds evidence to an alert. Without a previous alert, or after it was resolved, it opens a new one;
 * otherwise the burst grows, and the reviewer's state stays. @throws RangeError without evidence
 */
export function addEvidence(
  previous: AlertLife | null,
  evidence: readonly NewEvidence[],
): AlertStep {
  if (evidence.length === 0) throw new RangeError('an alert needs evidence');
  const open = previous === null || previous.state === 'resolved' ? null : previous;
  const times = evidence.map((item) => item.at);
  const next: AlertLife = {
    state: open?.state ?? 'open',
    count: (open?.count ?? 0) + evidence.length,
    firstAt: Math.min(open?.firstAt ?? Infinity, ...times),
    lastAt: Math.max(open?.lastAt ?? -Infinity, ...times),
    traces: mergeTraces(open?.traces ?? [], evidence),
    verdict: null,
  };
  return { next, emit: open === null ? 'opened' : 'updated' };
}

function mergeTraces(
  known: AlertLife['traces'],
  evidence: readonly NewEvidence[],
): AlertLife['traces'] {
  const earliest = new Map(known.map(({ id, at }) => [id, at]));
  for (const { traceId, at } of evidence) {
    if (traceId === null) continue;
    earliest.set(traceId, Math.min(earliest.get(traceId) ?? Infinity, at));
  }
  return [...earliest]
    .map(([id, at]) => ({ id, at }))
    .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
    .slice(0, limits.alertTracesMax);
}

/** Whether a person may take an alert from one state to another. */
export function mayMove(from: AlertState, to: AlertState): boolean {
  const moves: readonly AlertState[] = alertMoves[from];
  return moves.includes(to);
}
