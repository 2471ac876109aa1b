import type { ReceivedEvent } from '#server/notifications/receive/contract.ts';

/** Types that are acted on, and the test of a stream (CAEP 1.0, SSF 1.0), in words. */
const typeWords: Readonly<Record<string, string>> = {
  'https://schemas.openid.net/secevent/caep/event-type/session-revoked': 'Session revoked',
  'https://schemas.openid.net/secevent/caep/event-type/credential-change': 'Credential changed',
  'https://schemas.openid.net/secevent/ssf/event-type/verification': 'Test of the way here',
};

/** A type in words; null for one that is not known here. Pure. */
export function wordsOfType({ type }: Pick<ReceivedEvent, 'type'>): string | null {
  return Object.hasOwn(typeWords, type) ? (typeWords[type] ?? null) : null;
}

/**
 * The name in a subject that is nothing but one: an address, an id. Any other is left as it was sent,
 * since who its issuer is, or in which tenant, is a part of it. Pure.
 */
export function wordsOfSubject({ subject }: Pick<ReceivedEvent, 'subject'>): string {
  let value: unknown;
  try {
    value = JSON.parse(subject);
  } catch {
    // Cut to a line.
    return subject;
  }
  if (typeof value !== 'object' || value === null || !('format' in value)) return subject;
  const name =
    value.format === 'email' && 'email' in value
      ? value.email
      : value.format === 'opaque' && 'id' in value
        ? value.id
        : null;
  return typeof name === 'string' && Object.keys(value).length === 2 ? name : subject;
}
