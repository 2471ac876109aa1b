import { createLoader, parseAsString } from 'nuqs/server';

/** The tools table in its URL; page and component read the same. */
export const toolUrlParsers = { q: parseAsString.withDefault('') };
export const loadToolUrl = createLoader(toolUrlParsers);
