import type { Sighting } from '#server/credentials/outside/note-sightings.ts';
import type { EventFacts } from '#server/detection/event-fields.ts';
import { eventTimeOf } from '#server/detection/event-time.ts';
import { secretsSeenIn } from '#server/detection/kept-secret-seen.ts';
import type { TailEvent } from '#server/telemetry/tail-event.ts';

/** What a batch shows of credentials outside of the broker; with or without a rule over it. Pure. */
export function sightingsIn(
  batch: readonly TailEvent[],
  facts: readonly EventFacts[],
): readonly Sighting[] {
  return batch.flatMap((event, index): Sighting[] => {
    const lease = facts[index]?.lease ?? null;
    const found = [
      ...secretsSeenIn(event),
      ...(lease?.state === 'missing'
        ? lease.credentialIds.map((credentialId) => ({
            credentialId,
            evidence: 'call_without_lease' as const,
          }))
        : []),
    ];
    return found.map((one) => ({
      ...one,
      agentId: event.agentId,
      isVerified: event.identity === 'verified',
      at: new Date(eventTimeOf(event)).toISOString(),
      eventId: event.id,
      traceId: event.traceId,
    }));
  });
}
