/** A failed call, as a screen needs it. */
export interface Problem {
  readonly kind: 'signed-out' | 'denied' | 'missing' | 'conflict' | 'invalid' | 'failed';
  /** One sentence for the person; the server's own where it wrote one for people. */
  readonly sentence: string;
  /** To quote when asking an administrator; null when the server was not reached. */
  readonly requestId: string | null;
  /** True when the same call may well succeed a moment later. */
  readonly isPassing: boolean;
}

const kinds: Readonly<Record<string, Problem['kind']>> = {
  UNAUTHORIZED: 'signed-out',
  FORBIDDEN: 'denied',
  NOT_FOUND: 'missing',
  CONFLICT: 'conflict',
  PRECONDITION_FAILED: 'conflict',
  BAD_REQUEST: 'invalid',
  UNPROCESSABLE_CONTENT: 'invalid',
  PAYLOAD_TOO_LARGE: 'invalid',
};

const passing = new Set(['SERVICE_UNAVAILABLE', 'TOO_MANY_REQUESTS', 'TIMEOUT', 'BAD_GATEWAY']);

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/**
 * Reads what a tRPC call threw. Errors are told apart by the server's code, never by class: the
 * error may have been made in another bundle. Without a code the server was not reached at all.
 */
export function readProblem(error: unknown): Problem {
  const data = memberOf(error, 'data');
  const code = memberOf(data, 'code');
  const requestId = memberOf(data, 'requestId');
  const message = memberOf(error, 'message');
  if (typeof code !== 'string') {
    return {
      kind: 'failed',
      sentence: 'Signalbox cannot be reached. It is tried again when you ask.',
      requestId: null,
      isPassing: true,
    };
  }
  return {
    kind: (Object.hasOwn(kinds, code) ? kinds[code] : undefined) ?? 'failed',
    sentence: typeof message === 'string' && message !== '' ? message : 'Something failed.',
    requestId: typeof requestId === 'string' ? requestId : null,
    isPassing: passing.has(code),
  };
}
