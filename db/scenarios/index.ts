import { billingScenarios } from './billing.ts';
import { codingScenarios } from './coding.ts';
import { inboxScenarios } from './inbox.ts';
import { payingAgents } from './payments.ts';
import { researchScenarios } from './research.ts';
import type { Scenario } from './scenario.ts';
import { supportScenarios } from './support.ts';

const all: readonly Scenario[] = [
  ...supportScenarios,
  ...billingScenarios,
  ...codingScenarios,
  ...inboxScenarios,
  ...researchScenarios,
];

/** Ordinary work: what most agents do nearly all of the time. */
export const quietScenarios: readonly Scenario[] = all.filter((one) => one.incident === null);

/** What goes wrong, in the order in which a newcomer meets it. */
export const incidentScenarios: readonly Scenario[] = (
  ['prompt-injection', 'leaked-canary', 'runaway-loop'] as const
).flatMap((incident) => all.filter((one) => one.incident === incident));

/** Slugs of the demo's agents: those that play the scenarios, and those that ask before they pay. */
export const demoAgents: readonly string[] = [
  ...new Set([...all.map((one) => one.agent), ...payingAgents]),
];

/** The one that may be stopped for exercise. */
export const demoDrillAgent = demoAgents.at(-1) ?? '';
