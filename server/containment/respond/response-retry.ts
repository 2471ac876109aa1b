import { type ErrorCode, isAppError } from '#server/kernel/errors.ts';
import { isStoreError } from '#server/http/problem.ts';
import { limits } from '#server/kernel/limits.ts';

/** Why a try came to nothing, and whether another can come to something. */
export interface Failure {
  readonly says: string;
  readonly isFinal: boolean;
}

/** What follows a try that failed: another after a pause, or none. */
export type AfterFailure =
  | { readonly state: 'running'; readonly says: string; readonly retryAfterMs: number }
  | { readonly state: 'failed'; readonly says: string };

/** Refusals that stay what they are: the agent is gone, or this is nobody's to do. */
const finalCodes: ReadonlySet<ErrorCode> = new Set(['not_found', 'gone', 'forbidden']);

/** Anything thrown, in a sentence that every reader of an alert may see. Pure. */
export function failureOf(error: unknown): Failure {
  if (isAppError(error)) return { says: error.message, isFinal: finalCodes.has(error.code) };
  const says = isStoreError(error)
    ? 'The database could not be reached.'
    : 'Something failed on our side; the worker’s log says what.';
  return { says, isFinal: false };
}

/** The last worker that took it up died or hung, and no try is left. */
export const silence: Failure = { says: 'The worker that took it up fell silent.', isFinal: true };

/**
 * What follows a failure at the `tries`th try (from 1). The pause doubles from a second, so that a restart
 * of the database is outlived, and ends: what cannot be done waits for people, who have to be told. Pure.
 */
export function afterFailure(
  tries: number,
  { says, isFinal }: Failure,
  hasBegun: boolean,
): AfterFailure {
  if (isFinal || tries >= limits.responseTriesMax) {
    const counted = tries === 1 ? 'one try' : `${tries} tries`;
    const stands = hasBegun ? 'What it began stands.' : 'Nothing of it stands.';
    return { state: 'failed', says: `Failed after ${counted}: ${says} ${stands} Decide yourself.` };
  }
  return {
    state: 'running',
    says: `Try ${tries} of ${limits.responseTriesMax} failed: ${says} It is tried again.`,
    retryAfterMs: Math.min(1000 * 2 ** (tries - 1), limits.responsePauseMsMax),
  };
}
