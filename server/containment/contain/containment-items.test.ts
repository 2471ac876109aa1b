import { describe, expect, it } from 'vitest';
import type { DeathState } from '#server/credentials/credential-death.ts';
import { type LadderStep, ladderSteps } from '../contract.ts';
import { containmentItems, type ContainmentFacts, containmentState } from './containment-items.ts';
import { itemStates } from './contract.ts';

const at = '2026-11-22T08:00:00.000000Z';
const counts = (change: Partial<Record<LadderStep, number>>) => ({
  ...(Object.fromEntries(ladderSteps.map((step) => [step, 0])) as Record<LadderStep, number>),
  ...change,
});
const credential = (state: DeathState) => ({
  id: 'crd_1',
  name: 'files',
  provider: 'key service',
  death: { state, says: `It is ${state}.` },
  heldBy: ['payer'],
});

/** All that there is to prove is proven. */
const proven: ContainmentFacts = {
  level: 4,
  isCutFirst: false,
  isReleased: false,
  agent: { isActive: false, lockedAt: at },
  stop: { state: 'active', acknowledgedAt: at },
  counts: counts({ quiet: 1, cut: 1 }),
  evidence: { at, digest: 'ab'.repeat(32) },
  leases: { asked: 3, live: 0, offlineUntil: null },
  isConfirmed: true,
  cutAt: at,
  credentials: [credential('dead')],
};

describe('containmentState', () => {
  it.each<[string, Partial<ContainmentFacts>, string]>([
    ['all proven', {}, 'contained'],
    ['the stop is not placed', { stop: null }, 'working'],
    ['the stop drains', { stop: { state: 'draining', acknowledgedAt: null } }, 'working'],
    ['the stop was lifted', { stop: { state: 'lifted', acknowledgedAt: at } }, 'unproven'],
    ['not locked yet', { agent: { isActive: true, lockedAt: null } }, 'working'],
    ['unlocked by somebody', { agent: { isActive: true, lockedAt: at } }, 'unproven'],
    ['no evidence yet', { evidence: null }, 'working'],
    ['level 3 holds none', { level: 3, evidence: null }, 'contained'],
    ['a lease lives', { leases: { asked: 3, live: 1, offlineUntil: null } }, 'working'],
    [
      'a JWT is taken elsewhere',
      { leases: { asked: 3, live: 0, offlineUntil: '2026-11-22T08:00:00Z' } },
      'unproven',
    ],
    ['too many leases to look at', { leases: null }, 'unproven'],
    ['a credential lives', { credentials: [credential('live')], cutAt: null }, 'working'],
    ['a credential came after the cut', { credentials: [credential('live')] }, 'person'],
    ['nobody confirmed', { credentials: [credential('live')], isConfirmed: false }, 'person'],
    ['nobody needs to confirm', { credentials: [], isConfirmed: false }, 'contained'],
    ['a revocation is at work', { credentials: [credential('requested')] }, 'working'],
    ['a revocation failed', { credentials: [credential('failed')] }, 'unproven'],
    ['one cannot be proven', { credentials: [credential('unverifiable')] }, 'unproven'],
    ['an instance may still run', { counts: counts({ quiet: 1, acknowledged: 1 }) }, 'working'],
    ['no instance is known', { counts: counts({ unconfirmed: 1 }) }, 'unproven'],
    ['no instance at all', { counts: counts({}) }, 'unproven'],
    ['of a stop alone', { agent: null }, 'contained'],
    ['released', { isReleased: true, stop: { state: 'lifted', acknowledgedAt: at } }, 'released'],
  ])('%s', (_name, change, state) => {
    const facts = { ...proven, ...change };
    expect(containmentState(containmentItems(facts), facts.isReleased)).toBe(state);
  });

  it('is contained only where every item is confirmed', () => {
    const items = containmentItems(proven);
    for (const [index] of items.entries()) {
      for (const state of itemStates.filter((one) => one !== 'confirmed')) {
        const spoilt = items.map((item, at) => (at === index ? { ...item, state } : item));
        expect(containmentState(spoilt, false), `${index} ${state}`).not.toBe('contained');
      }
    }
  });
});

describe('containmentItems', () => {
  it('go in the order in which they are done: evidence before the cut', () => {
    const kinds = (facts: ContainmentFacts) => containmentItems(facts).map(({ kind }) => kind);
    expect(kinds(proven)).toEqual([
      'stop',
      'lock',
      'evidence',
      'leases',
      'credential',
      'instances',
    ]);
    expect(kinds({ ...proven, isCutFirst: true })).toEqual([
      'stop',
      'lock',
      'leases',
      'credential',
      'evidence',
      'instances',
    ]);
  });

  it('names who holds what was not part of the cut', () => {
    const heldBy = ['a', 'b', 'c', 'd'];
    const late = { ...credential('live'), heldBy };
    const items = containmentItems({ ...proven, credentials: [late] });
    expect(items.find(({ kind }) => kind === 'credential')).toMatchObject({
      state: 'person',
      evidence: expect.stringMatching(
        /^Held by a, b, c and 1 more\. Not part of the cut at 2026-11-22 08:00:00 UTC;/,
      ),
    });
  });

  it('shows mixed outcomes as they are', () => {
    const credentials = (['dead', 'failed', 'unverifiable', 'requested'] as const).map(credential);
    const items = containmentItems({ ...proven, credentials });
    expect(items.filter(({ kind }) => kind === 'credential')).toMatchObject([
      { state: 'confirmed', evidence: 'It is dead.' },
      { state: 'failed', evidence: 'It is failed.' },
      { state: 'unverifiable', evidence: 'It is unverifiable.' },
      { state: 'requested', evidence: 'It is requested.' },
    ]);
  });
});
