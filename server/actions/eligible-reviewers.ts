import type { Tx } from '#db/client.ts';
import type { ApprovalFacts } from '#server/approvals/approval-state.ts';
import { countApprovers } from '#server/approvals/request-approval.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { Evaluation } from '#server/policy/contract.ts';
import type { Ask } from './contract.ts';
import type { AskFacts } from './read-ask-facts.ts';

/** Who may never vote on what this agent asks: its owner, whoever it works for, who made its key. */
export function excludedFrom(facts: AskFacts, ask: Ask): ApprovalFacts['excluded'] {
  return {
    ownerUserIds: facts.ownerUserId === null ? [] : [facts.ownerUserId],
    requesters: ask.onBehalfOf ? [ask.onBehalfOf] : [],
    keyCreators: facts.keyCreatedBy === null ? [] : [facts.keyCreatedBy],
  };
}

/** A hold that nobody could ever decide is a denial, said at once. */
export async function denyWithoutReviewers(
  tx: Tx,
  ctx: Ctx,
  facts: AskFacts,
  ask: Ask,
  held: Evaluation,
): Promise<Evaluation> {
  const eligible = await countApprovers(tx, ctx, excludedFrom(facts, ask));
  if (eligible >= held.needs) return held;
  const reason = {
    code: 'no_eligible_reviewers',
    detail: `${held.needs} reviewers who are neither owner nor requester must approve this, and there are ${eligible}; an admin gives the role.`,
  };
  return {
    ...held,
    decision: 'deny',
    needs: 0,
    isFreshSignInNeeded: false,
    windowSeconds: 0,
    reasons: [...held.reasons, reason],
  };
}
