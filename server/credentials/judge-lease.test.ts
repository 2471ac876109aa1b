import { describe, expect, it } from 'vitest';
import { judgeLease, type LeaseDeath, leaseDeaths, type LeaseFacts } from './judge-lease.ts';

const live: LeaseFacts = {
  ended: null,
  isExpired: false,
  isAgentActive: true,
  isSameEnvironment: true,
  isKeyLive: true,
  isHolder: true,
  isCredentialRevoked: false,
  isCredentialExpired: false,
  isStopped: false,
};

/** What kills a lease all by itself; a new death needs its line. */
const killers: Readonly<Record<LeaseDeath, Partial<LeaseFacts>>> = {
  stopped: { isStopped: true },
  revoked: { ended: 'revoked' },
  session_ended: { ended: 'session_ended' },
  credential_revoked: { isCredentialRevoked: true },
  agent_disabled: { isAgentActive: false },
  key_revoked: { isKeyLive: false },
  not_holder: { isHolder: false },
  environment_changed: { isSameEnvironment: false },
  credential_expired: { isCredentialExpired: true },
  expired: { isExpired: true },
};

describe('judgeLease', () => {
  it('lets a lease live that nothing speaks against', () => {
    expect(judgeLease(live)).toBeNull();
  });

  it.each(leaseDeaths)('is killed by one thing alone: %s', (death) => {
    expect(judgeLease({ ...live, ...killers[death] })).toBe(death);
  });

  it('is dead whatever else is said beside what kills it', () => {
    for (const first of leaseDeaths) {
      for (const second of leaseDeaths) {
        expect(judgeLease({ ...live, ...killers[first], ...killers[second] })).not.toBeNull();
      }
    }
  });

  it('tells the end of its credential from its own', () => {
    expect(judgeLease({ ...live, ended: 'credential_revoked' })).toBe('credential_revoked');
  });
});
