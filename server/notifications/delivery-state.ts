import { limits } from '#server/kernel/limits.ts';

/** How an attempt went. `refused`: no further attempt would go better. */
export type Attempt =
  | { readonly outcome: 'taken'; readonly answer: string }
  | { readonly outcome: 'failed'; readonly answer: string; readonly retryAfterMs: number | null }
  | { readonly outcome: 'refused'; readonly answer: string; readonly isForGood: boolean };

/** What becomes of a delivery; `isForGood`: the channel gets nothing more at all. */
export type Next =
  | { readonly state: 'confirmed'; readonly answer: string }
  | { readonly state: 'unconfirmed'; readonly answer: string; readonly waitMs: number }
  | { readonly state: 'dead'; readonly answer: string; readonly isForGood: boolean };

const minuteMs = 60_000;

/**
 * Pauses before the second, third … attempt: those of the Standard Webhooks specification, which
 * give a receiver that is down over a night time to come back.
 */
export const pausesMs = [5_000, 5, 30, 2 * 60, 5 * 60, 10 * 60].map((pause, index) =>
  index === 0 ? pause : pause * minuteMs,
);

/** The longest pause that a receiver may ask for. */
const askedPauseMsMax = 60 * minuteMs;

/** What follows from the attempt with this number (the first is 1). Pure. */
export function judgeAttempt(attempt: Attempt, attempts: number): Next {
  const answer = attempt.answer.slice(0, limits.deliveryAnswerCharsMax);
  if (attempt.outcome === 'taken') return { state: 'confirmed', answer };
  if (attempt.outcome === 'refused') {
    return { state: 'dead', answer, isForGood: attempt.isForGood };
  }
  const pause = pausesMs[attempts - 1];
  if (pause === undefined) return { state: 'dead', answer, isForGood: false };
  const asked = Math.min(attempt.retryAfterMs ?? 0, askedPauseMsMax);
  return { state: 'unconfirmed', answer, waitMs: Math.max(pause, asked) };
}
