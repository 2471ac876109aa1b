import { describe, expect, it } from 'vitest';
import { credentialDeath, type DeathFacts, type DeathPart } from './credential-death.ts';

const nowMs = Date.parse('2026-11-22T08:00:00.000Z');
const past = '2026-11-22T07:59:59.000000Z';
const ahead = '2026-11-22T08:00:01.000000Z';

const part = (change: Partial<DeathPart>): DeathPart => ({
  target: 'provider',
  state: 'requested',
  isAtWork: false,
  says: 'Word.',
  lastValidAt: null,
  offlineUntil: null,
  verifiedAt: null,
  provider: 'key service',
  ...change,
});
const leases = part({ target: 'leases', state: 'verified', verifiedAt: past, provider: null });
const proven = part({ state: 'verified', verifiedAt: past });

const cases: readonly [string, Partial<DeathFacts>, string, RegExp][] = [
  ['untouched', {}, 'live', /Nobody has revoked it/],
  ['untouched, its own end ahead', { expiresAt: ahead }, 'live', /Nobody/],
  ['untouched, its own end past', { expiresAt: past }, 'dead', /by itself at 2026-11-22 07:59:59/],
  [
    'all parts proven',
    { parts: [leases, proven] },
    'dead',
    /None of its leases.*refused by key serv/,
  ],
  [
    'all parts proven, and a JWT taken by who does not ask',
    { parts: [{ ...leases, offlineUntil: ahead, says: 'Taken until then.' }, proven] },
    'unverifiable',
    /^Taken until then\.$/,
  ],
  [
    'the last second of that JWT past',
    { parts: [{ ...leases, offlineUntil: '2026-11-22T08:00:00Z' }, proven] },
    'dead',
    /None of its leases/,
  ],
  [
    'a JWT taken, and something else not proven',
    { parts: [{ ...leases, offlineUntil: ahead }, part({ state: 'unverifiable' })] },
    'unverifiable',
    /nobody knows/,
  ],
  ['its leases alone proven', { parts: [leases, part({ isAtWork: true })] }, 'requested', /Word/],
  [
    'confirmed is no proof',
    { parts: [leases, part({ state: 'confirmed', isAtWork: true })] },
    'requested',
    /key service: Word/,
  ],
  [
    'confirmed and nobody at it',
    { parts: [leases, part({ state: 'confirmed' })] },
    'unverifiable',
    /nobody knows/,
  ],
  [
    'failed, tried again',
    { parts: [leases, part({ state: 'failed', isAtWork: true })] },
    'requested',
    /Word/,
  ],
  [
    'failed, given up',
    { parts: [leases, part({ state: 'failed' })] },
    'failed',
    /key service: Word/,
  ],
  [
    'failed beats work elsewhere',
    { parts: [part({ isAtWork: true }), part({ state: 'failed' })] },
    'failed',
    /Word/,
  ],
  [
    'unverifiable without an end',
    { parts: [leases, part({ state: 'unverifiable' })] },
    'unverifiable',
    /nobody knows/,
  ],
  [
    'unverifiable, end ahead',
    { parts: [leases, part({ state: 'unverifiable', lastValidAt: ahead })] },
    'unverifiable',
    /until 2026-11-22 08:00:01 UTC/,
  ],
  [
    'unverifiable, end at this very moment',
    { parts: [leases, part({ state: 'unverifiable', lastValidAt: '2026-11-22T08:00:00Z' })] },
    'dead',
    /No probe could tell/,
  ],
  [
    'unverifiable, end past',
    { parts: [leases, part({ state: 'unverifiable', lastValidAt: past })] },
    'dead',
    /last possible moment was 2026-11-22 07:59:59/,
  ],
  [
    'to be done elsewhere',
    { parts: [leases, part({ state: 'external', provider: null })] },
    'unverifiable',
    /^Word/,
  ],
  [
    'an end past does not help what is still at work',
    { parts: [part({ isAtWork: true, lastValidAt: past })] },
    'requested',
    /Word/,
  ],
];

describe('credentialDeath', () => {
  it.each(cases)('%s', (_name, facts, state, says) => {
    const death = credentialDeath({ expiresAt: null, parts: [], ...facts }, nowMs);
    expect(death.state).toBe(state);
    expect(death.says).toMatch(says);
  });
});
