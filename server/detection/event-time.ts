import type { StoredEvent } from '#server/telemetry/contract.ts';

/**
 * The time at which windows place an event, milliseconds since 1970: when it says that it started,
 * but never after we received it. One event dated into the future would otherwise close its group's
 * window before all that follow, and hide them from every rule that counts.
 */
export function eventTimeOf(event: Pick<StoredEvent, 'startedAt' | 'receivedAt'>): number {
  return Math.min(Date.parse(event.startedAt), Date.parse(event.receivedAt));
}
