import { describe, expect, it } from 'vitest';
import { revocationStates } from '#db/enums.ts';
import type { ProbeVerdict, SendVerdict } from './adapters/adapter.ts';
import {
  afterProbing,
  afterSending,
  retryAfterMs,
  revocationMoves,
  type RevocationFacts,
} from './revocation-state.ts';

const facts = (change: Partial<RevocationFacts> = {}): RevocationFacts => ({
  state: 'requested',
  wasLive: true,
  isOwn: false,
  offlineUntil: null,
  attempts: 1,
  attemptsMax: 8,
  ...change,
});
const probes: readonly ProbeVerdict[] = ['live', 'dead', 'blind', 'unreachable'];
const sends: readonly SendVerdict[] = [
  'confirmed',
  'accepted',
  'unsupported',
  'refused',
  'unreachable',
];
const allFacts = revocationStates.flatMap((state) =>
  [true, false].flatMap((wasLive) =>
    [1, 7, 8, 9].map((attempts) => facts({ state, wasLive, attempts })),
  ),
);

describe('afterSending', () => {
  it.each<[SendVerdict, string, string]>([
    ['confirmed', 'confirmed', 'probe'],
    ['accepted', 'sent', 'probe'],
    ['unsupported', 'unverifiable', 'over'],
    ['refused', 'failed', 'again'],
    ['unreachable', 'failed', 'again'],
  ])('%s makes it %s, then %s', (verdict, state, next) => {
    expect(afterSending(facts(), verdict)).toMatchObject({ state, next });
  });

  it('never calls anything revoked on the word of a provider', () => {
    for (const known of allFacts) {
      for (const verdict of sends) expect(afterSending(known, verdict).state).not.toBe('verified');
    }
  });

  it('gives up after the last attempt, and says so', () => {
    expect(afterSending(facts({ attempts: 8 }), 'unreachable')).toEqual({
      state: 'failed',
      next: 'over',
      says: 'The provider was not reached. Given up after 8 attempts.',
    });
  });
});

describe('afterProbing', () => {
  it('says until when a JWT of leases that are dead here is taken elsewhere', () => {
    const own = facts({ state: 'confirmed', isOwn: true, offlineUntil: '2026-11-22T08:00:01Z' });
    expect(afterProbing(own, 'dead')).toEqual({
      state: 'verified',
      next: 'over',
      says:
        'Introspection finds none of them live. ' +
        'Whoever checks a JWT without asking here takes one until 2026-11-22 08:00:01 UTC.',
    });
  });

  it.each<[ProbeVerdict, Partial<RevocationFacts>, string, string]>([
    ['dead', { state: 'confirmed' }, 'verified', 'over'],
    ['dead', { state: 'sent' }, 'verified', 'over'],
    ['dead', { state: 'confirmed', wasLive: false }, 'unverifiable', 'over'],
    ['live', { state: 'confirmed' }, 'failed', 'again'],
    ['live', { state: 'confirmed', attempts: 8 }, 'failed', 'over'],
    ['live', { state: 'sent' }, 'sent', 'again'],
    ['live', { state: 'sent', attempts: 8 }, 'failed', 'over'],
    ['blind', { state: 'confirmed' }, 'unverifiable', 'over'],
    ['unreachable', { state: 'confirmed' }, 'confirmed', 'again'],
    ['unreachable', { state: 'sent', attempts: 8 }, 'unverifiable', 'over'],
  ])('%s after %o makes it %s, then %s', (verdict, change, state, next) => {
    expect(afterProbing(facts(change), verdict)).toMatchObject({ state, next });
  });

  it('says of our own leases what was asked, and never that they had been live', () => {
    const own = facts({ state: 'confirmed', isOwn: true });
    expect(afterProbing(own, 'dead')).toMatchObject({
      state: 'verified',
      says: 'Introspection finds none of them live.',
    });
  });

  it('is the only way to proof: dead now, and called live before', () => {
    for (const known of allFacts) {
      for (const verdict of probes) {
        const isProof = afterProbing(known, verdict).state === 'verified';
        expect(isProof && known.state !== 'verified').toBe(
          verdict === 'dead' && known.wasLive && known.state !== 'verified',
        );
      }
    }
  });
});

describe('revocationMoves', () => {
  it('has every move that a step can make', () => {
    for (const state of ['requested', 'failed'] as const) {
      for (const verdict of sends) {
        expect(revocationMoves[state]).toContain(afterSending(facts({ state }), verdict).state);
      }
    }
    for (const state of ['sent', 'confirmed'] as const) {
      for (const verdict of probes) {
        for (const attempts of [1, 8]) {
          const next = afterProbing(facts({ state, attempts }), verdict).state;
          expect(revocationMoves[state]).toContain(next);
        }
      }
    }
  });

  it('lets nothing follow proof', () => {
    expect(revocationMoves.verified).toEqual([]);
  });
});

describe('retryAfterMs', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [5, 16_000],
    [20, 300_000],
  ])('waits after %i attempts for %i ms', (attempts, ms) => {
    expect(retryAfterMs(attempts)).toBe(ms);
  });
});
