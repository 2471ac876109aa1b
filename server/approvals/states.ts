import { approvalResults } from '#db/enums.ts';

/** Every state of an approval: what was decided, and what follows from clock and stops. */
export const approvalStates = [...approvalResults, 'expired', 'frozen', 'invalidated'] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** Why somebody may not vote. */
export const voteRefusals = [
  'not_reviewer',
  'gone',
  'owner',
  'requester',
  'key_creator',
  'voted',
  'frozen',
  'closed',
] as const;
export type VoteRefusal = (typeof voteRefusals)[number];
