import { z } from 'zod';
import { sha256Hex } from '#server/kernel/hash.ts';
import { limits } from '#server/kernel/limits.ts';
import { leavesOf } from '#server/detection/sigma/prepared-event.ts';
import type { EventBody } from '#server/telemetry/contract.ts';

/** Where an agent has ever sent something, as hashes; committed with the detector's cursor. */
export const knownDestinationsSchema = z.object({ seen: z.array(z.string()) });

/** Text of one trace that a destination or an argument may have come from. */
export interface TraceText {
  /** Event time, milliseconds. */
  readonly at: number;
  /**
   * `asked`: a message of the user; `untrusted`: content that nobody vouches for; `unread`: such content
   * that is too long, beyond the number of events that are kept, or erased.
   */
  readonly kind: 'asked' | 'untrusted' | 'unread';
  /** In lower case. */
  readonly text: string;
}

/** What an event brought into its trace; null where that is nothing that arguments are held against. */
export function traceTextOf(
  event: { readonly kind: string; readonly trust: string; readonly at: number },
  body: Pick<EventBody, 'input' | 'output' | 'error'> | null,
): TraceText | null {
  const { kind, at } = event;
  const isUntrusted = event.trust === 'untrusted';
  const isMessage = kind === 'user_message';
  if (!isUntrusted && !isMessage) return null;
  const unread = isUntrusted ? ({ at, kind: 'unread', text: '' } as const) : null;
  if (body === null) return unread;
  // Of a call only what came back: its arguments are the agent's own words.
  const said =
    kind === 'tool_call' ? [body.output, body.error] : [body.input, body.output, body.error];
  const text = leavesOf(said).map(String).join('\n').toLowerCase();
  if (text.length > limits.destinationBodyBytesMax) return unread;
  return { at, kind: isUntrusted ? 'untrusted' : 'asked', text };
}

/**
 * What names a recipient: a placeholder of redaction (stable per value and tenant), an address, an
 * account number, a host.
 */
const shapes =
  /\[(?:EMAIL|IBAN|PHONE|CARD):[0-9a-f]+\]|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[A-Z]{2}\d{2}[A-Z0-9]{8,30}\b|(?:https?:\/\/|\bwww\.)[\w-]+(?:\.[\w-]+)+/gi;

/** What every one of the shapes holds: most text has none of it and need not be read closely. */
const signs = /[@[]|\d\d|:\/\/|www\./i;

/** Destinations named anywhere in a call's arguments, lower case, each once. */
export function destinationsOf(input: unknown): string[] {
  const found = new Set<string>();
  for (const leaf of leavesOf(input)) {
    const text = String(leaf);
    if (!signs.test(text)) continue;
    for (const [match] of text.matchAll(shapes)) {
      if (found.size >= limits.destinationsPerCallMax) return [...found];
      found.add(match.toLowerCase().replace(/^(?:https?:\/\/)?(?:www\.)?/, ''));
    }
  }
  return [...found];
}

/** How a destination is remembered: nobody can read the address back from the detector's memory. */
export function destinationName(destination: string): string {
  return sha256Hex(destination).slice(0, 12);
}

/**
 * Whether one of these destinations was named by untrusted content of the trace before the call, by
 * event time, and by no message of the user.
 */
export function isNamedByUntrusted(
  destinations: readonly string[],
  texts: readonly TraceText[],
  at: number,
): boolean {
  const before = texts.filter((item) => item.at < at);
  const occurs = (kind: TraceText['kind'], destination: string) =>
    before.some((item) => item.kind === kind && item.text.includes(destination));
  return destinations.some(
    (destination) => occurs('untrusted', destination) && !occurs('asked', destination),
  );
}
