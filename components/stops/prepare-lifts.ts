import type { StopDetail } from '#server/containment/contract.ts';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';

/** How far the lift of a stop has come, and what this person can do about it. */
export interface LiftState {
  /** Distinct people whose request counts now. */
  readonly asked: number;
  readonly missing: number;
  readonly sentence: string;
  /** Why this person cannot ask now; null when they can. */
  readonly disabledReason: string | null;
  /** What the button does: the last one that is needed lifts, any earlier one only asks. */
  readonly deed: string;
}

/**
 * @param stop with its requests; those that have lapsed are not counted any more
 * @param me e-mail of the person who looks
 * @param refusal why this person may not lift at all; null when they may
 */
export function prepareLifts(
  stop: Pick<StopDetail, 'lifts' | 'liftsNeeded'>,
  me: string,
  refusal: string | null,
): LiftState {
  const counted = new Set(stop.lifts.filter((lift) => lift.isCounted).map((lift) => lift.by));
  const asked = counted.size;
  const missing = Math.max(0, stop.liftsNeeded - asked);
  const needs =
    stop.liftsNeeded === 1
      ? 'One responder or administrator lifts it.'
      : `It takes ${formatCount(stop.liftsNeeded)} different people, each a responder or administrator.`;
  const sentence =
    asked === 0
      ? `${needs} Nobody has asked for it.`
      : `${needs} ${formatCounted(asked, 'person has', 'people have')} asked; ${formatCounted(missing, 'more is', 'more are')} needed.`;
  const isMine = counted.has(me);
  return {
    asked,
    missing,
    sentence,
    disabledReason:
      refusal ?? (isMine ? 'You have asked already; it takes somebody else now.' : null),
    deed: missing <= 1 ? 'Lift the stop' : 'Ask for the lift',
  };
}
