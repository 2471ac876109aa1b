import { createLoader, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { severities } from '#server/detection/states/contract.ts';
import { stateChoices } from './prepare-alert-filters.ts';

/** The inbox in its URL: what it shows and which alert is open. Page and component read the same. */
export const alertUrlParsers = {
  alert: parseAsString,
  state: parseAsStringLiteral(stateChoices).withDefault('active'),
  severity: parseAsStringLiteral(severities),
  rule: parseAsString,
  agent: parseAsString,
  trace: parseAsString,
  assignee: parseAsString,
  label: parseAsString,
  range: parseAsString,
};

/** Reads the same on the server. */
export const loadAlertUrl = createLoader(alertUrlParsers);
