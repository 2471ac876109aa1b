const lostCodes =
  /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|ECONNRESET|EPIPE|ERR_STREAM_\w+|57P0[123]|25P0[34]|08...)$/;

/** Whether an error of postgres.js or of the server says that its connection is gone. */
export function isLost(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    lostCodes.test(error.code)
  );
}

/** What a question is refused with that would go to a lost connection. */
export const lostError = () =>
  Object.assign(new Error('the connection of this transaction is gone'), {
    code: 'CONNECTION_CLOSED',
  });
