import type { StoredEvent } from '#server/telemetry/contract.ts';

type Times = Pick<StoredEvent, 'startedAt' | 'receivedAt' | 'startedAtUs' | 'receivedAtUs'>;

/** When an event says that it started, milliseconds since 1970. */
export function startedAtMs(event: Pick<Times, 'startedAt' | 'startedAtUs'>): number {
  return event.startedAtUs === undefined
    ? Date.parse(event.startedAt)
    : Math.floor(event.startedAtUs / 1000);
}

/**
 * The time at which windows place an event, milliseconds since 1970: when it says that it started,
 * but never after we received it. One event dated into the future would otherwise close its group's
 * window before all that follow, and hide them from every rule that counts.
 */
export function eventTimeOf(event: Times): number {
  const received =
    event.receivedAtUs === undefined
      ? Date.parse(event.receivedAt)
      : Math.floor(event.receivedAtUs / 1000);
  return Math.min(startedAtMs(event), received);
}
