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
