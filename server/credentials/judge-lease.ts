import type { LeaseEnd } from '#db/enums.ts';

/** All that decides whether a lease is live, as it is at one moment; by the database's clock. */
export interface LeaseFacts {
  readonly ended: LeaseEnd | null;
  readonly isExpired: boolean;
  readonly isAgentActive: boolean;
  /** The agent is still where it was when it took the lease. */
  readonly isSameEnvironment: boolean;
  /** Neither revoked nor expired. */
  readonly isKeyLive: boolean;
  /** The agent may still take leases of the credential. */
  readonly isHolder: boolean;
  readonly isCredentialRevoked: boolean;
  readonly isCredentialExpired: boolean;
  /** A stop that covers it stands, or stood at any time since it was taken. */
  readonly isStopped: boolean;
}

/** Why a lease is dead, the first that holds; null while it is live. */
export const leaseDeaths = [
  'stopped',
  'revoked',
  'session_ended',
  'credential_revoked',
  'agent_disabled',
  'key_revoked',
  'not_holder',
  'environment_changed',
  'credential_expired',
  'expired',
] as const;
export type LeaseDeath = (typeof leaseDeaths)[number];

/**
 * Whether a lease is live is derived, never stored: whatever kills it kills it at the next question,
 * and no sweep has to come by first. Pure.
 */
export function judgeLease(facts: LeaseFacts): LeaseDeath | null {
  if (facts.isStopped) return 'stopped';
  if (facts.ended !== null) return facts.ended;
  if (facts.isCredentialRevoked) return 'credential_revoked';
  if (!facts.isAgentActive) return 'agent_disabled';
  if (!facts.isKeyLive) return 'key_revoked';
  if (!facts.isHolder) return 'not_holder';
  if (!facts.isSameEnvironment) return 'environment_changed';
  if (facts.isCredentialExpired) return 'credential_expired';
  return facts.isExpired ? 'expired' : null;
}
