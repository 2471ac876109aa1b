import { describe, expect, it } from 'vitest';
import { approvalResults } from '#db/enums.ts';
import { limits } from '#server/kernel/limits.ts';
import { refusalSentences } from './approval-state.ts';
import {
  approvalListInput,
  approvalListSchema,
  approvalStates,
  castVoteAnswer,
  castVoteInput,
  voteRefusals,
} from './contract.ts';

describe('the contract of approvals', () => {
  it('has every stored result among its states, and a sentence for every refusal', () => {
    expect(approvalStates).toEqual(expect.arrayContaining([...approvalResults]));
    expect(Object.keys(refusalSentences).toSorted()).toEqual([...voteRefusals].toSorted());
  });

  it.each([
    [{ verdict: 'approve' }, true],
    [{ verdict: 'allow' }, false],
    [{ verdict: 'deny', reason: 'x'.repeat(limits.voteReasonCharsMax + 1) }, false],
  ])('takes a vote %o: %s', (change, isTaken) => {
    const vote = { id: 'apr_x', digest: 'sha-256:x', ...change };
    expect(castVoteInput.safeParse(vote).success).toBe(isTaken);
  });

  it('lists what waits unless asked for the history, in bounded pages', () => {
    expect(approvalListInput.parse({})).toMatchObject({ view: 'waiting' });
    expect(approvalListInput.safeParse({ limit: limits.pageItemsMax + 1 }).success).toBe(false);
    expect(approvalListSchema.safeParse({ items: [], next: null }).success).toBe(false);
  });

  it('answers a vote with a state of its own list', () => {
    const answer = { approvals: 1, missing: 1 };
    for (const state of approvalStates) {
      expect(castVoteAnswer.safeParse({ ...answer, state }).success).toBe(true);
    }
    expect(castVoteAnswer.safeParse({ ...answer, state: 'executed' }).success).toBe(false);
  });
});
