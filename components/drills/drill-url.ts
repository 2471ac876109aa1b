import { createLoader, parseAsString } from 'nuqs/server';

/** The page of drills in its URL: which one is open. */
export const drillParsers = { drill: parseAsString };
export const loadDrillUrl = createLoader(drillParsers);
