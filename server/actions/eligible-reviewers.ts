import type { Tx } from '#db/client.ts';
import { hotQuery } from '#db/hot-query.ts';
import type { ApprovalFacts } from '#server/approvals/approval-state.ts';
import { countApprovers } from '#server/approvals/request-approval.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import type { Evaluation } from '#server/policy/contract.ts';
import type { Ask } from './contract.ts';
import type { AskFacts } from './read-ask-facts.ts';

const creatorOfKey = `select k.created_by from api_keys k
  where k.tenant_id = $1::uuid and k.id = $2::uuid`;

/** Who may never vote on what this agent asks: its owner, whoever it works for, who made its key. */
export async function readExcluded(
  tx: Tx,
  ctx: Ctx,
  facts: AskFacts,
  asked: { readonly ask: Ask; readonly keyId: string },
): Promise<ApprovalFacts['excluded']> {
  const [key] = await hotQuery<{ created_by: string | null }>(tx, creatorOfKey, [
    uuidOf(ctx.tenantId),
    uuidOf(asked.keyId),
  ]);
  return {
    ownerUserIds: facts.ownerUserId === null ? [] : [facts.ownerUserId],
    requesters: asked.ask.onBehalfOf ? [asked.ask.onBehalfOf] : [],
    // As the keys' list names them.
    keyCreators: key?.created_by ? [key.created_by] : [],
  };
}

/** A hold that nobody could ever decide is a denial, said at once. */
export async function denyWithoutReviewers(
  tx: Tx,
  ctx: Ctx,
  excluded: ApprovalFacts['excluded'],
  held: Evaluation,
): Promise<Evaluation> {
  const eligible = await countApprovers(tx, ctx, excluded);
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
