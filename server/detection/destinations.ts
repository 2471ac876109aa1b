import { z } from 'zod';
import { sha256Hex } from '#server/kernel/hash.ts';
import { limits } from '#server/kernel/limits.ts';
import { leavesOf } from '#server/detection/sigma/prepared-event.ts';

/** Where an agent has ever sent something, as hashes; committed with the detector's cursor. */
export const knownDestinationsSchema = z.object({ seen: z.array(z.string()) });
export type KnownDestinations = z.infer<typeof knownDestinationsSchema>;

export const noDestinations: KnownDestinations = { seen: [] };

/** Text of one trace that a destination may have come from. */
export interface TraceText {
  /** Event time, milliseconds. */
  readonly at: number;
  /** `asked`: a message of the user; `untrusted`: content that nobody vouches for. */
  readonly kind: 'asked' | 'untrusted';
  /** In lower case. */
  readonly text: string;
}

/** What is known of where a call sends to. */
export interface DestinationFacts {
  /** Some destination came from untrusted content of the trace and from no message of the user. */
  readonly isUntrusted: boolean;
  /** Some such destination was never sent to before by this agent. */
  readonly isUntrustedAndNew: boolean;
}

/**
 * What names a recipient: a placeholder of redaction (stable per value and tenant), an address, an
 * account number, a host.
 */
const shapes =
  /\[(?:EMAIL|IBAN|PHONE|CARD):[0-9a-f]+\]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[A-Z]{2}\d{2}[A-Z0-9]{8,30}\b|(?:https?:\/\/|\bwww\.)[\w-]+(?:\.[\w-]+)+/gi;

/** Destinations named anywhere in a call's arguments, lower case, each once. */
export function destinationsOf(input: unknown): string[] {
  const found = new Set<string>();
  for (const leaf of leavesOf(input)) {
    for (const [match] of String(leaf).matchAll(shapes)) {
      if (found.size >= limits.destinationsPerCallMax) return [...found];
      found.add(match.toLowerCase().replace(/^(?:https?:\/\/)?(?:www\.)?/, ''));
    }
  }
  return [...found];
}

/**
 * Takes a call's destinations into what the agent is known to send to, in the order of the log, and
 * answers where they came from. Only text before the call counts, by event time.
 */
export function noteDestinations(
  known: KnownDestinations,
  destinations: readonly string[],
  texts: readonly TraceText[],
  at: number,
): { readonly next: KnownDestinations; readonly facts: DestinationFacts } {
  const before = texts.filter((item) => item.at < at);
  const occurs = (kind: TraceText['kind'], destination: string) =>
    before.some((item) => item.kind === kind && item.text.includes(destination));
  const untrusted = destinations.filter(
    (destination) => occurs('untrusted', destination) && !occurs('asked', destination),
  );
  const seen = new Set(known.seen);
  const isUntrustedAndNew = untrusted.some((destination) => !seen.has(nameOf(destination)));
  for (const destination of destinations) {
    if (seen.size < limits.destinationsKnownMax) seen.add(nameOf(destination));
  }
  return {
    next: { seen: [...seen] },
    facts: { isUntrusted: untrusted.length > 0, isUntrustedAndNew },
  };
}

function nameOf(destination: string): string {
  return sha256Hex(destination).slice(0, 12);
}
