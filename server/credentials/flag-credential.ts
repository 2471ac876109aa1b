import { limits } from '#server/kernel/limits.ts';
import type { RevocationState } from '#db/enums.ts';
import type { CredentialFlag, CredentialState } from './states/contract.ts';

/** What the flags of a credential are read from; times are milliseconds since 1970. */
export interface CredentialFacts {
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly hasProvider: boolean;
  /** A person of the tenant who can still sign in. */
  readonly hasOwner: boolean;
  readonly holders: number;
  readonly scopes: readonly string[];
  /** Scopes that any lease of the last `limits.unusedDays` days was for. */
  readonly leasedScopes: readonly string[];
  /** Something of the last `limits.unusedDays` days shows it outside of the broker. */
  readonly isSeenOutside: boolean;
}

const dayMs = 24 * 60 * 60_000;

/** What is wrong with a credential, worst first. Pure. */
export function flagCredential(facts: CredentialFacts, nowMs: number): CredentialFlag[] {
  const flags: CredentialFlag[] = [];
  if (facts.isSeenOutside) flags.push('outside_broker');
  if (!facts.hasOwner) flags.push('owner_gone');
  if (!facts.hasProvider) flags.push('no_provider');
  const livesMs = facts.expiresAtMs === null ? Infinity : facts.expiresAtMs - facts.createdAtMs;
  if (livesMs > limits.longLivedDays * dayMs) flags.push('long_lived');
  const seenMs = facts.lastUsedAtMs ?? facts.createdAtMs;
  const isUnused = nowMs - seenMs >= limits.unusedDays * dayMs;
  // Of what nobody uses, nothing is known of how much would be enough.
  const isNarrower =
    facts.leasedScopes.length > 0 &&
    facts.scopes.some((scope) => !facts.leasedScopes.includes(scope));
  if (isNarrower && nowMs - facts.createdAtMs >= limits.unusedDays * dayMs)
    flags.push('over_broad');
  if (isUnused) flags.push('unused');
  if (facts.holders > 1) flags.push('shared');
  return flags;
}

/** One part of a credential's revocation. */
export interface RevocationPart {
  readonly state: RevocationState;
  /** Whether it goes on by itself. */
  readonly isAtWork: boolean;
  /** A verifier that does not ask here still takes a JWT of its leases. */
  readonly isTakenOffline: boolean;
}

/** How a credential stands, from all parts of its revocation: the worst of them. Pure. */
export function credentialState(
  isExpired: boolean,
  parts: readonly RevocationPart[],
): CredentialState {
  if (parts.length === 0) return isExpired ? 'expired' : 'active';
  if (parts.some((part) => part.state === 'failed' && !part.isAtWork)) return 'failed';
  if (parts.some((part) => part.isAtWork)) return 'revoking';
  return parts.every((part) => part.state === 'verified' && !part.isTakenOffline)
    ? 'revoked'
    : 'unproven';
}
