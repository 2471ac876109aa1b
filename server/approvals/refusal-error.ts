import { AppError, type ErrorCode } from '#server/kernel/errors.ts';
import { refusalSentences } from './approval-state.ts';
import type { ApprovalState, VoteRefusal } from './states.ts';

const codes: Readonly<Record<VoteRefusal, ErrorCode>> = {
  not_reviewer: 'forbidden',
  gone: 'forbidden',
  owner: 'self_approval',
  requester: 'self_approval',
  key_creator: 'self_approval',
  voted: 'conflict',
  frozen: 'halted',
  closed: 'conflict',
};

/** Why a vote, a question or an opening is refused, in the words that stand beside the button. */
export function refusalError(refusal: VoteRefusal, state: ApprovalState): AppError {
  const extras = { refusal, state };
  if (refusal === 'closed' && state === 'expired') {
    return new AppError('expired', 'This request has expired; the agent asks again.', { extras });
  }
  return new AppError(codes[refusal], refusalSentences[refusal], { extras });
}
