/**
 * Every way in which Signalbox says no. Closed: a transport maps each code to a status in one place
 * (`server/http/problem.ts`, `server/trpc/init.ts`), and errors are told apart by `code`, never by
 * `instanceof`, because Next's bundle and the Node side load this file separately.
 */
export const errorCodes = [
  'bad_request',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'gone',
  'payload_too_large',
  'unsupported_media_type',
  'unprocessable',
  'rate_limited',
  'agent_mismatch',
  'id_conflict',
  'store_unavailable',
  'halted',
  'denied',
  'self_approval',
  'expired',
  'consumed',
  'args_mismatch',
  'plan_mismatch',
  'policy_changed',
  'schema_changed',
  'superseded',
  'unrepresentable',
  'invalid_arguments',
  'idempotency_mismatch',
  'idempotency_in_flight',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Typed extras for the transport; never secrets. */
  readonly extras?: Readonly<Record<string, unknown>>;
  /** Seconds after which a retry makes sense (429 and 503 only). */
  readonly retryAfterSeconds?: number;
}

/** An expected refusal. `message` is one sentence that says what to do next; strangers may read it. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly extras: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | null;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.extras = options.extras ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

/** True for an `AppError` of either module graph (see {@link errorCodes}). */
export function isAppError(error: unknown): error is AppError {
  return (
    error instanceof Error &&
    error.name === 'AppError' &&
    'code' in error &&
    (errorCodes as readonly unknown[]).includes(error.code)
  );
}
