import { describe, expect, it } from 'vitest';
import { revocationStates } from '#db/enums.ts';
import { type CredentialFacts, credentialState, flagCredential } from './flag-credential.ts';

const day = 24 * 60 * 60_000;
const now = Date.parse('2026-11-27T08:00:00Z');
const sound: CredentialFacts = {
  createdAtMs: now - 40 * day,
  expiresAtMs: now + 20 * day,
  lastUsedAtMs: now - day,
  hasProvider: true,
  hasOwner: true,
  holders: 1,
  scopes: ['read', 'write'],
  leasedScopes: ['read', 'write'],
  isSeenOutside: false,
};

describe('flagCredential', () => {
  it.each<[string, Partial<CredentialFacts>, string[]]>([
    ['nothing', {}, []],
    ['it was seen outside of the broker', { isSeenOutside: true }, ['outside_broker']],
    ['its owner is gone', { hasOwner: false }, ['owner_gone']],
    ['nobody could revoke it', { hasProvider: false }, ['no_provider']],
    ['it never ends', { expiresAtMs: null }, ['long_lived']],
    ['it lives for 91 days', { expiresAtMs: now + 51 * day }, ['long_lived']],
    ['it lives for 90 days', { expiresAtMs: now + 50 * day }, []],
    ['a scope was never wanted', { leasedScopes: ['read'] }, ['over_broad']],
    ['it is too young to tell', { leasedScopes: ['read'], createdAtMs: now - 29 * day }, []],
    ['it was never used', { lastUsedAtMs: null, leasedScopes: [] }, ['unused']],
    ['it was used 30 days ago', { lastUsedAtMs: now - 30 * day }, ['unused']],
    ['it was used 29 days ago', { lastUsedAtMs: now - 29 * day }, []],
    ['several hold it', { holders: 2 }, ['shared']],
  ])('%s', (_name, change, flags) => {
    expect(flagCredential({ ...sound, ...change }, now)).toEqual(flags);
  });
});

describe('credentialState', () => {
  const part = (state: (typeof revocationStates)[number], isAtWork = false) => ({
    state,
    isAtWork,
    isTakenOffline: false,
  });
  it.each([
    ['active', false, []],
    ['expired', true, []],
    ['revoking', false, [part('verified'), part('requested', true)]],
    ['revoking', false, [part('verified'), part('failed', true)]],
    ['failed', false, [part('requested', true), part('failed')]],
    ['unproven', false, [part('verified'), part('unverifiable')]],
    ['unproven', true, [part('verified'), part('external')]],
    ['unproven', false, [{ ...part('verified'), isTakenOffline: true }, part('verified')]],
    ['revoked', false, [part('verified'), part('verified')]],
  ] as const)('is %s', (state, isExpired, parts) => {
    expect(credentialState(isExpired, parts)).toBe(state);
  });

  it('is revoked only when every part is proven', () => {
    for (const first of revocationStates) {
      for (const second of revocationStates) {
        const isRevoked = credentialState(false, [part(first), part(second)]) === 'revoked';
        expect(isRevoked).toBe(first === 'verified' && second === 'verified');
      }
    }
  });
});
