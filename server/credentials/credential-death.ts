import type { RevocationState, RevocationTarget } from '#db/enums.ts';

/** One part of a credential's revocation: its leases here, or itself where it was made. */
export interface DeathPart {
  readonly target: RevocationTarget;
  readonly state: RevocationState;
  /** It goes on by itself. */
  readonly isAtWork: boolean;
  /** The last word on it. */
  readonly says: string;
  /** RFC 3339; of what could not be proven: the last moment at which it may live. */
  readonly lastValidAt: string | null;
  /** Of its leases: until when a verifier that does not ask here takes one; null = none. */
  readonly offlineUntil: string | null;
  readonly verifiedAt: string | null;
  /** Where it was made; null for its leases, or where nobody knows. */
  readonly provider: string | null;
}

export interface DeathFacts {
  /** When it dies by itself at its tool, as was said when it came to the broker; RFC 3339. */
  readonly expiresAt: string | null;
  /** Empty: nobody has asked for a revocation. */
  readonly parts: readonly DeathPart[];
}

/** How surely a credential is dead. `dead` is proof, or its own time that is over. */
export const deathStates = ['live', 'requested', 'failed', 'unverifiable', 'dead'] as const;
export type DeathState = (typeof deathStates)[number];

export interface Death {
  readonly state: DeathState;
  /** By what that is known, in one sentence. */
  readonly says: string;
}

/**
 * Whether a credential can still open its tool. Only two things make it dead: each part refused by a
 * probe, or an end by its own clock that has passed. What cannot be proven says until when it may live.
 * Pure.
 */
export function credentialDeath({ expiresAt, parts }: DeathFacts, nowMs: number): Death {
  if (expiresAt !== null && Date.parse(expiresAt) <= nowMs) {
    return { state: 'dead', says: `It ended by itself at ${second(expiresAt)}.` };
  }
  if (parts.length === 0) return { state: 'live', says: 'Nobody has revoked it.' };
  const open = parts.filter((part) => !isOver(part, nowMs));
  if (open.length === 0) return { state: 'dead', says: parts.map(proofOf).join(' ') };
  const failed = open.find((part) => part.state === 'failed' && !part.isAtWork);
  if (failed) return { state: 'failed', says: named(failed, failed.says) };
  const atWork = open.find((part) => part.isAtWork);
  if (atWork) return { state: 'requested', says: named(atWork, atWork.says) };
  // What is verified and taken elsewhere says so itself.
  const unproven = open.find((part) => part.state !== 'verified');
  const [taken] = open;
  if (unproven === undefined && taken !== undefined) {
    return { state: 'unverifiable', says: named(taken, taken.says) };
  }
  const until =
    unproven?.lastValidAt === undefined || unproven.lastValidAt === null
      ? 'Until when it may live, nobody knows.'
      : `It may live until ${second(unproven.lastValidAt)}.`;
  const says = unproven === undefined ? until : `${named(unproven, unproven.says)} ${until}`;
  return { state: 'unverifiable', says };
}

/** Refused by a probe, or unproven with a last moment that has passed. */
const isOver = (part: DeathPart, nowMs: number): boolean =>
  part.state === 'verified'
    ? part.offlineUntil === null || Date.parse(part.offlineUntil) <= nowMs
    : !part.isAtWork && part.lastValidAt !== null && Date.parse(part.lastValidAt) <= nowMs;

function proofOf(part: DeathPart): string {
  if (part.state === 'verified' && part.verifiedAt !== null) {
    const what = part.target === 'leases' ? 'None of its leases is live' : 'A probe was refused';
    const where = part.provider === null ? '' : ` by ${part.provider}`;
    return `${what}${where}, at ${second(part.verifiedAt)}.`;
  }
  return `No probe could tell; its last possible moment was ${second(part.lastValidAt ?? '')}.`;
}

const named = ({ provider }: DeathPart, says: string): string =>
  provider === null ? says : `${provider}: ${says}`;

/** Whole seconds: `2026-11-22 08:00:00 UTC`. */
const second = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
