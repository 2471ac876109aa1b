import { describe, expect, it } from 'vitest';
import type { ApprovalResult } from '#db/enums.ts';
import { approvalResults } from '#db/enums.ts';
import {
  type ApprovalFacts,
  approvalState,
  type CountedVote,
  countEligible,
  deadlineOf,
  ineligibility,
  refusalSentences,
  tallyVotes,
  type Voter,
  voteRefusal,
} from './approval-state.ts';
import type { VoteRefusal } from './states.ts';

const facts = (change: Partial<ApprovalFacts> = {}): ApprovalFacts => ({
  result: 'pending',
  band: 'high',
  needs: 1,
  requestedAtMs: 1000,
  expiresAtMs: 2000,
  excluded: { ownerUserIds: [], requesters: [], keyCreators: [] },
  frozen: [],
  ...change,
});
const voter = (userId: string, change: Partial<Voter> = {}): Voter => ({
  userId,
  email: `${userId}@example.test`,
  roles: ['reviewer'],
  isGone: false,
  ...change,
});
const vote = (userId: string, verdict: CountedVote['verdict'] = 'approve'): CountedVote => ({
  userId,
  verdict,
  atMs: 1100,
});
const excluded = (change: Partial<ApprovalFacts['excluded']>) =>
  facts({ excluded: { ...facts().excluded, ...change } });

describe('who may vote', () => {
  it.each<[string, ApprovalFacts, Voter, VoteRefusal | null]>([
    ['a reviewer', facts(), voter('ann'), null],
    ['a reviewer with another role', facts(), voter('ann', { roles: ['admin', 'reviewer'] }), null],
    ['an admin', facts(), voter('ann', { roles: ['admin'] }), 'not_reviewer'],
    ['nobody in particular', facts(), voter('ann', { roles: [] }), 'not_reviewer'],
    ['a closed account', facts(), voter('ann', { isGone: true }), 'gone'],
    ['the owner', excluded({ ownerUserIds: ['ann'] }), voter('ann'), 'owner'],
    ['another than the owner', excluded({ ownerUserIds: ['bob'] }), voter('ann'), null],
    [
      'whom the agent works for, by id',
      excluded({ requesters: ['ann'] }),
      voter('ann'),
      'requester',
    ],
    [
      'whom the agent works for, by e-mail',
      excluded({ requesters: ['ANN@example.test'] }),
      voter('ann'),
      'requester',
    ],
    [
      'who made the key',
      excluded({ keyCreators: ['ann@example.test'] }),
      voter('ann'),
      'key_creator',
    ],
  ])('%s', (_, given, person, expected) => {
    expect(ineligibility(given, person)).toBe(expected);
    expect(voteRefusal(given, person, [], 1500)).toBe(expected);
  });

  it('lets nobody vote twice', () => {
    expect(voteRefusal(facts({ needs: 2 }), voter('ann'), [vote('ann')], 1500)).toBe('voted');
    expect(voteRefusal(facts({ needs: 2 }), voter('bob'), [vote('ann')], 1500)).toBeNull();
  });

  it('closes with the decision and with the time', () => {
    expect(voteRefusal(facts({ result: 'approved' }), voter('ann'), [], 1500)).toBe('closed');
    expect(voteRefusal(facts(), voter('ann'), [], 2000)).toBe('closed');
    const frozen = facts({ frozen: [{ fromMs: 1200, untilMs: null }] });
    expect(voteRefusal(frozen, voter('ann'), [], 1500)).toBe('frozen');
  });

  it('has a sentence for every refusal', () => {
    for (const sentence of Object.values(refusalSentences)) expect(sentence).toMatch(/\.$/);
  });
});

describe('the state', () => {
  it.each<[string, Partial<ApprovalFacts>, number, string]>([
    ['at the request', {}, 1000, 'pending'],
    ['just before the end', {}, 1999, 'pending'],
    ['at the end', {}, 2000, 'expired'],
    ['long after', {}, 9e9, 'expired'],
    ['under a stop', { frozen: [{ fromMs: 1500, untilMs: null }] }, 5000, 'frozen'],
    [
      'a stop placed before the request',
      { frozen: [{ fromMs: 1, untilMs: null }] },
      5000,
      'frozen',
    ],
    [
      'a stop placed at the end comes too late',
      { frozen: [{ fromMs: 2000, untilMs: null }] },
      5000,
      'expired',
    ],
    ['after a lift', { frozen: [{ fromMs: 1500, untilMs: 4500 }] }, 4999, 'pending'],
    [
      'after a lift, with the rest used up',
      { frozen: [{ fromMs: 1500, untilMs: 4500 }] },
      5000,
      'expired',
    ],
    [
      'two stops that overlap count once',
      {
        frozen: [
          { fromMs: 1500, untilMs: 2500 },
          { fromMs: 1700, untilMs: 2700 },
        ],
      },
      3199,
      'pending',
    ],
    [
      'two stops that overlap, over',
      {
        frozen: [
          { fromMs: 1500, untilMs: 2500 },
          { fromMs: 1700, untilMs: 2700 },
        ],
      },
      3200,
      'expired',
    ],
    [
      'one lifted, the other still there',
      {
        frozen: [
          { fromMs: 1500, untilMs: 1600 },
          { fromMs: 1550, untilMs: null },
        ],
      },
      8000,
      'frozen',
    ],
    [
      'the second stop lives on time that the first gave back',
      {
        frozen: [
          { fromMs: 1500, untilMs: 4500 },
          { fromMs: 4900, untilMs: null },
        ],
      },
      9000,
      'frozen',
    ],
    ['a stop of no length', { frozen: [{ fromMs: 1500, untilMs: 1500 }] }, 2000, 'expired'],
    ['a stop that begins later', { frozen: [{ fromMs: 1900, untilMs: null }] }, 1500, 'pending'],
  ])('%s', (_, change, nowMs, expected) => {
    expect(approvalState(facts(change), nowMs)).toBe(expected);
  });

  it.each(approvalResults.filter((one) => one !== 'pending'))(
    'stays %s whatever the clock and the stops say',
    (result: ApprovalResult) => {
      for (const nowMs of [0, 1500, 2000, 9e9]) {
        for (const frozen of [[], [{ fromMs: 1200, untilMs: null }]]) {
          expect(approvalState(facts({ result, frozen }), nowMs)).toBe(result);
        }
      }
    },
  );

  it('never comes back from expired as time goes on without a stop', () => {
    let wasExpired = false;
    for (let nowMs = 900; nowMs < 3000; nowMs += 7) {
      const isExpired = approvalState(facts(), nowMs) === 'expired';
      expect(wasExpired && !isExpired).toBe(false);
      wasExpired = isExpired;
    }
    expect(wasExpired).toBe(true);
  });

  it('tells the deadline with what was given back', () => {
    const frozen = [{ fromMs: 1200, untilMs: 1500 }];
    expect(deadlineOf(facts({ frozen }), 1600)).toEqual({ deadlineMs: 2300, isFrozen: false });
    expect(deadlineOf(facts({ frozen }), 1300)).toEqual({ deadlineMs: 2100, isFrozen: true });
  });
});

describe('counting', () => {
  const people = [voter('ann'), voter('bob'), voter('cat')];
  it.each<[string, number, CountedVote[], Voter[], object]>([
    ['nobody yet', 1, [], people, { approvals: 0, missing: 1, hasQuorum: false, isVetoed: false }],
    ['one of one', 1, [vote('ann')], people, { approvals: 1, missing: 0, hasQuorum: true }],
    ['one of two', 2, [vote('ann')], people, { missing: 1, hasQuorum: false }],
    ['two of two', 2, [vote('ann'), vote('bob')], people, { missing: 0, hasQuorum: true }],
    ['one twice', 2, [vote('ann'), vote('ann')], people, { approvals: 1, hasQuorum: false }],
    ['a veto', 1, [vote('ann'), vote('bob', 'deny')], people, { hasQuorum: false, isVetoed: true }],
    ['a stranger', 1, [vote('eve')], people, { approvals: 0, hasQuorum: false }],
    [
      'one who lost the role',
      1,
      [vote('ann')],
      [voter('ann', { roles: ['viewer'] })],
      { approvals: 0, hasQuorum: false },
    ],
    [
      'a veto of one who lost the role',
      1,
      [vote('bob'), vote('ann', 'deny')],
      [voter('ann', { roles: ['viewer'] }), voter('bob')],
      { hasQuorum: true, isVetoed: false },
    ],
    [
      'one whose account was closed',
      1,
      [vote('ann')],
      [voter('ann', { isGone: true })],
      { hasQuorum: false },
    ],
    [
      'two accounts of one e-mail',
      2,
      [vote('ann'), vote('bob')],
      [voter('ann'), voter('bob', { email: 'Ann@Example.test' })],
      { approvals: 1, hasQuorum: false },
    ],
    ['a request that needs nobody', 0, [], people, { hasQuorum: false }],
  ])('%s', (_, needs, votes, voters, expected) => {
    expect(tallyVotes(facts({ needs }), votes, voters)).toMatchObject(expected);
  });

  it('does not count whoever became the owner', () => {
    const given = excluded({ ownerUserIds: ['ann'] });
    expect(tallyVotes(given, [vote('ann')], people).hasQuorum).toBe(false);
  });

  it('knows how many could vote at all', () => {
    expect(countEligible(facts(), people)).toBe(3);
    expect(countEligible(excluded({ ownerUserIds: ['ann'] }), people)).toBe(2);
    expect(countEligible(facts(), [voter('x', { roles: ['admin'] })])).toBe(0);
    expect(countEligible(facts(), [voter('a'), voter('b', { email: 'A@example.test' })])).toBe(1);
  });
});
