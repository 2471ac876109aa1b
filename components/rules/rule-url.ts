import { createLoader, parseAsString } from 'nuqs/server';

/** The rules page in its URL: which rule is open, what is looked for. Page and component read the same. */
export const ruleUrlParsers = {
  rule: parseAsString,
  q: parseAsString.withDefault(''),
};

/** Reads the same on the server. */
export const loadRuleUrl = createLoader(ruleUrlParsers);
