/** Alerts shown on the overview; the rest is one press away. */
export const overviewAlertsMax = 6;
/** What the page prefetches and the list asks for. */
export const overviewAlertsInput = {
  states: ['open' as const],
  attentions: ['due' as const],
  limit: overviewAlertsMax,
};
/** Agents shown on the overview, by name. */
export const fleetInput = { limit: 100 };
