import type { Delivery } from '#server/notifications/contract.ts';

/** How soon a list of deliveries is asked for again: no stream tells of them. Milliseconds. */
const soonMs = 2_000;
const laterMs = 15_000;

/** Soon while something shown is still to be confirmed. Pure. */
export function deliveriesPollMs(deliveries: readonly Delivery[] | undefined): number {
  return deliveries?.some(({ state }) => state === 'unconfirmed') === true ? soonMs : laterMs;
}
