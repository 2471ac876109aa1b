import { createLoader, parseAsString } from 'nuqs/server';

/** The rules page in its URL: which rule is open. Page and component read the same. */
export const ruleUrlParsers = { rule: parseAsString };

/** Reads the same on the server. */
export const loadRuleUrl = createLoader(ruleUrlParsers);
