import { randomBytes } from 'node:crypto';
import { equalBytes, hmacSha256, hmacSha256Hex } from '#server/kernel/hash.ts';
import canonicalize from 'canonicalize';
import type { EventDraft, Finding } from './contract.ts';

/** Grows with every change of what redaction replaces; kept beside each body. */
export const redactionVersion = 1;

/** An event on its way into the log: redacted, and its agent known. */
export interface EventToInsert {
  readonly event: EventDraft & { readonly findings: readonly Finding[] };
  readonly agentId: string;
  readonly agentSlug: string;
  /** Whether the event itself names its agent (a late parent may tell otherwise). */
  readonly agentExplicit: boolean;
  /** True when the key belongs to this agent. */
  readonly isVerified: boolean;
  /** What the same id with another body means: native events refuse, spans keep a revision. */
  readonly onConflict: 'reject' | 'revise';
}

/** An event as bytes: what is stored, and what uniqueness is decided by. */
export interface EncodedEvent {
  readonly source: EventToInsert;
  readonly bodyText: string;
  readonly headerText: string;
  readonly salt: Buffer;
  /** HMAC of the header under the salt, in hex: tells the same event from another of the same id. */
  readonly digest: string;
  /** HMAC of the body's bytes under the salt, in hex: what the log commits to. */
  readonly commitment: string;
}

/** Everything that the caller said beside the body, in one fixed order. */
function headerOf(source: EventToInsert): string {
  const e = source.event;
  return JSON.stringify([
    e.traceId,
    e.spanId,
    e.parentSpanId,
    e.sessionId,
    e.conversationId,
    source.agentId,
    e.instanceId,
    e.user,
    e.kind,
    e.phase,
    e.callId,
    e.name,
    e.startedAt,
    e.endedAt,
    e.status,
    e.model,
    e.actionId,
  ]);
}

/** Encodes events for the insert; one draw of random bytes for all salts. */
export function encodeEvents(sources: readonly EventToInsert[]): EncodedEvent[] {
  const salts = randomBytes(16 * sources.length);
  return sources.map((source, index) => {
    const salt = salts.subarray(16 * index, 16 * index + 16);
    const headerText = headerOf(source);
    const bodyText = JSON.stringify(source.event.body);
    return {
      source,
      headerText,
      bodyText,
      salt,
      digest: hmacSha256Hex(salt, headerText),
      commitment: hmacSha256Hex(salt, bodyText),
    };
  });
}

/** What is stored under an id, as far as it is needed to compare. */
export interface StoredDigest {
  readonly digest: Uint8Array;
  /** Null once the payload was erased. */
  readonly salt: Uint8Array | null;
  readonly commitment: Uint8Array;
  readonly body: string | null;
}

/**
 * Whether a stored event is the same as this one. After an erasure nobody can tell any more, so any
 * repeat counts as the same. Bodies that differ only in the order of keys are the same.
 */
export function isSameEvent(stored: StoredDigest, event: EncodedEvent): boolean {
  if (stored.salt === null || stored.body === null) return true;
  if (!equalBytes(stored.digest, hmacSha256(stored.salt, event.headerText))) return false;
  if (equalBytes(stored.commitment, hmacSha256(stored.salt, event.bodyText))) return true;
  return canonicalize(JSON.parse(stored.body)) === canonicalize(JSON.parse(event.bodyText));
}
