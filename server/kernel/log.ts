import type { DrizzleQueryError } from 'drizzle-orm';
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';

/**
 * Fields that never reach a log line, wherever they stand. Payloads are not logged at all; this is
 * the net below that habit.
 */
const redactPaths = ['authorization', 'cookie', 'password', 'secret', 'token', 'key', 'set-cookie']
  .flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`])
  .concat(['req.headers', 'res.headers']);

/** Where errors of queries and of Postgres repeat the values of a statement, or of a whole row. */
const valueFields = ['params', 'parameters', 'args', 'detail', 'where', 'hint', 'internal_query'];

/** How many causes of an error are looked at. */
const causesMax = 8;

/**
 * An error as a log line keeps it: message, stack and codes of it and its causes, without a value that
 * a statement was given. Drizzle writes all of them into its message.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const failed = failedQueries(error);
  const clean = (text: string) =>
    failed.reduce((kept, one) => kept.replaceAll(one.message, `Failed query: ${one.query}`), text);
  const written: Record<string, unknown> = { ...stdSerializers.err(error) };
  return Object.fromEntries(
    Object.entries(written)
      .filter(([name]) => !valueFields.includes(name))
      .map(([name, value]) => [name, typeof value === 'string' ? clean(value) : value]),
  );
}

type FailedQuery = Pick<DrizzleQueryError, 'message' | 'query'>;

function failedQueries(error: Error): FailedQuery[] {
  const found: FailedQuery[] = [];
  let at: unknown = error;
  for (let depth = 0; at instanceof Error && depth < causesMax; depth += 1) {
    const query: unknown = 'query' in at && 'params' in at ? at.query : null;
    if (typeof query === 'string') found.push({ message: at.message, query });
    at = at.cause;
  }
  return found;
}

/** A structured logger on standard error; standard output belongs to the commands' answers. */
export function createLog(
  level: string,
  name: string,
  into: DestinationStream = pino.destination(2),
): Logger {
  return pino(
    {
      level,
      name,
      redact: { paths: redactPaths, censor: '[redacted]' },
      serializers: { err: describeError },
    },
    into,
  );
}
export type Log = Logger;
