import { createLoader, parseAsString } from 'nuqs/server';

/** The page of stops in its URL: which one is open. */
export const stopParsers = { stop: parseAsString };
export const loadStopUrl = createLoader(stopParsers);

/** Stops on one page of the list. */
export const stopPageItems = 50;
