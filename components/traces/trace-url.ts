import { createLoader, parseAsFloat, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { traceMarks } from './prepare-trace-filters.ts';

/** The trace list in its URL. Page and component read the same. */
export const traceListParsers = {
  q: parseAsString,
  agent: parseAsString,
  tool: parseAsString,
  session: parseAsString,
  user: parseAsString,
  has: parseAsStringLiteral(traceMarks),
  range: parseAsString,
};
export const loadTraceListUrl = createLoader(traceListParsers);

/**
 * One trace in its URL: the event that is open, the moment of playback in milliseconds since 1970
 * (with microseconds as decimals; absent means the end), and which side of the panel is shown.
 */
export const traceParsers = {
  event: parseAsString,
  at: parseAsFloat,
  panel: parseAsStringLiteral(['event', 'state']).withDefault('event'),
};
