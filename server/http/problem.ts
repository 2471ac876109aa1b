import { type AppError, type ErrorCode, isAppError } from '#server/kernel/errors.ts';

/** The HTTP face of each code: status and title of RFC 9457. */
const faces: Readonly<Record<ErrorCode, { readonly status: number; readonly title: string }>> = {
  bad_request: { status: 400, title: 'Bad request' },
  unauthenticated: { status: 401, title: 'Not authenticated' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Conflict' },
  gone: { status: 410, title: 'Gone' },
  payload_too_large: { status: 413, title: 'Payload too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  unprocessable: { status: 422, title: 'Unprocessable' },
  rate_limited: { status: 429, title: 'Too many requests' },
  agent_mismatch: { status: 403, title: 'Another agent’s name' },
  id_conflict: { status: 409, title: 'Id already used' },
  store_unavailable: { status: 503, title: 'Store unavailable' },
  halted: { status: 423, title: 'Halted by a stop' },
  denied: { status: 403, title: 'Denied' },
  self_approval: { status: 403, title: 'Approved by its own requester or owner' },
  expired: { status: 410, title: 'Expired' },
  consumed: { status: 409, title: 'Permit already used' },
  args_mismatch: { status: 409, title: 'Not the arguments that were decided' },
  plan_mismatch: { status: 409, title: 'Not the plan that was decided' },
  policy_changed: { status: 409, title: 'The policy became stricter' },
  schema_changed: { status: 409, title: 'The tool’s schema changed' },
  superseded: { status: 409, title: 'Replaced by a newer action' },
  unrepresentable: { status: 422, title: 'Cannot be represented exactly' },
  invalid_arguments: { status: 422, title: 'Not the arguments that the tool takes' },
  idempotency_mismatch: { status: 422, title: 'Idempotency key used for another request' },
  idempotency_in_flight: { status: 409, title: 'The first request is still running' },
  internal: { status: 500, title: 'Internal error' },
};

/** An RFC 9457 body; `instance` is the request id. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly [extra: string]: unknown;
}

/** HTTP status of a code. */
export function statusOf(code: ErrorCode): number {
  return faces[code].status;
}

/**
 * Any thrown thing as a problem. Strangers see the sentence of an AppError; of anything else a
 * fixed sentence and the request id, under which the log has the rest.
 */
export function problemOf(error: unknown, requestId: string): Problem {
  const known: Pick<AppError, 'code' | 'message' | 'extras'> = isAppError(error)
    ? error
    : isStoreError(error)
      ? {
          code: 'store_unavailable',
          message: 'The database cannot be reached now; send the same request again later.',
          extras: {},
        }
      : {
          code: 'internal',
          message: 'Something failed on our side; give the request id to your administrator.',
          extras: {},
        };
  const face = faces[known.code];
  return {
    ...known.extras,
    type: `/problems/${known.code.replaceAll('_', '-')}`,
    title: face.title,
    status: face.status,
    detail: known.message,
    instance: requestId,
  };
}

/**
 * postgres.js and Node codes that mean "the database is away", SQLSTATE classes that do, and our own
 * word for it.
 */
const awayCodes =
  /^(store_unavailable|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|CONNECT_TIMEOUT|CONNECTION_CLOSED|CONNECTION_ENDED|CONNECTION_DESTROYED|08...|57P0.|53...|55P03|25P0[34]|57014)$/;

/** Whether an error, or one it was caused by, says that the database is away or overloaded. */
export function isStoreError(error: unknown): boolean {
  for (
    let at: unknown = error, depth = 0;
    at instanceof Error && depth < 5;
    at = at.cause, depth++
  ) {
    const code: unknown = 'code' in at ? at.code : undefined;
    if (typeof code === 'string' && awayCodes.test(code)) return true;
  }
  return false;
}
