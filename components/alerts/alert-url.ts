import { createLoader, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { severities } from '#server/detection/states/contract.ts';
import { stateChoices } from './prepare-alert-filters.ts';

/** How the inbox is laid out: one by one, put together, or by what the alerts are known as. */
export const alertViews = ['list', 'rule', 'agent', 'matrix'] as const;
export type AlertView = (typeof alertViews)[number];

/** The inbox in its URL: what it shows and which alert is open. Page and component read the same. */
export const alertUrlParsers = {
  view: parseAsStringLiteral(alertViews).withDefault('list'),
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
