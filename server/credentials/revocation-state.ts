import type { RevocationState } from '#db/enums.ts';
import { saysOffline } from './offline-leases.ts';
import type { ProbeVerdict, SendVerdict } from './adapters/adapter.ts';

/** What is known of a revocation before its next step. */
export interface RevocationFacts {
  readonly state: RevocationState;
  /** A probe called the credential live before it was revoked: only then does "dead" prove anything. */
  readonly wasLive: boolean;
  /** Of our own leases, which our own introspection judges. */
  readonly isOwn: boolean;
  /** Of our own leases: until when their JWTs are taken where nobody asks here; RFC 3339. */
  readonly offlineUntil: string | null;
  /** Steps that failed so far, this one included. */
  readonly attempts: number;
  readonly attemptsMax: number;
}

/** What comes of a step: the next state, whether the work goes on, and a sentence for people. */
export interface Verdict {
  readonly state: RevocationState;
  /** `again` after a pause, `probe` at once, `over`: nothing more happens by itself. */
  readonly next: 'again' | 'probe' | 'over';
  readonly says: string;
}

/** Which states may follow which; a state cannot be reached in any other way. */
export const revocationMoves: Readonly<Record<RevocationState, readonly RevocationState[]>> = {
  requested: ['requested', 'sent', 'confirmed', 'unverifiable', 'failed', 'external'],
  sent: ['sent', 'verified', 'unverifiable', 'failed'],
  confirmed: ['confirmed', 'verified', 'unverifiable', 'failed'],
  failed: ['sent', 'confirmed', 'unverifiable', 'failed', 'requested'],
  // Nothing follows proof. What cannot be proven may be tried again by a person.
  verified: [],
  unverifiable: ['requested'],
  external: ['requested'],
};

/** What a provider's answer to the revocation makes of it. Pure. */
export function afterSending(facts: RevocationFacts, verdict: SendVerdict): Verdict {
  switch (verdict) {
    case 'confirmed':
      return {
        state: 'confirmed',
        next: 'probe',
        says: facts.isOwn ? 'A probe follows.' : 'The provider says that it is revoked.',
      };
    case 'accepted':
      return { state: 'sent', next: 'probe', says: 'The provider took it; not done yet.' };
    case 'unsupported':
      return {
        state: 'unverifiable',
        next: 'over',
        says: 'The provider cannot revoke it; it lives until its time is over.',
      };
    case 'refused':
    case 'unreachable':
      return failed(
        facts,
        verdict === 'refused' ? 'The provider refused.' : 'The provider was not reached.',
      );
  }
}

/** What a probe after the revocation makes of it: the only way to `verified`. Pure. */
export function afterProbing(facts: RevocationFacts, verdict: ProbeVerdict): Verdict {
  switch (verdict) {
    case 'dead':
      if (facts.isOwn) {
        const offline = facts.offlineUntil === null ? '' : ` ${saysOffline(facts.offlineUntil)}`;
        const says = `Introspection finds none of them live.${offline}`;
        return { state: 'verified', next: 'over', says };
      }
      return facts.wasLive
        ? {
            state: 'verified',
            next: 'over',
            says: 'It was live before, and a probe is refused now.',
          }
        : {
            state: 'unverifiable',
            next: 'over',
            says: 'A probe is refused, but no probe ever called it live: that proves nothing.',
          };
    case 'live':
      return facts.state === 'sent' && facts.attempts < facts.attemptsMax
        ? { state: 'sent', next: 'again', says: 'It is live still; the provider is at it.' }
        : failed(facts, 'It is live still.');
    case 'blind':
      return {
        state: 'unverifiable',
        next: 'over',
        says: 'The provider cannot be asked whether it is dead.',
      };
    case 'unreachable':
      return facts.attempts < facts.attemptsMax
        ? { state: facts.state, next: 'again', says: 'The probe did not get through.' }
        : {
            state: 'unverifiable',
            next: 'over',
            says: 'The probe did not get through, however often it was tried.',
          };
  }
}

function failed({ attempts, attemptsMax }: RevocationFacts, why: string): Verdict {
  return attempts < attemptsMax
    ? { state: 'failed', next: 'again', says: `${why} It is tried again.` }
    : { state: 'failed', next: 'over', says: `${why} Given up after ${attempts} attempts.` };
}

/** Pause before the next attempt, milliseconds: doubled each time, from one second to five minutes. */
export function retryAfterMs(attempts: number): number {
  return Math.min(1000 * 2 ** Math.max(0, attempts - 1), 5 * 60_000);
}
