import { type Logger, pino } from 'pino';

/**
 * Fields that never reach a log line, wherever they stand. Payloads are not logged at all; this is
 * the net below that habit.
 */
const redactPaths = ['authorization', 'cookie', 'password', 'secret', 'token', 'key', 'set-cookie']
  .flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`])
  .concat(['req.headers', 'res.headers']);

/** A structured logger on standard error; standard output belongs to the commands' answers. */
export function createLog(level: string, name: string): Logger {
  return pino(
    { level, name, redact: { paths: redactPaths, censor: '[redacted]' } },
    pino.destination(2),
  );
}
export type Log = Logger;
