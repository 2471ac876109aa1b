import type { Tx } from '#db/client.ts';
import { ineligibility } from '#server/approvals/approval-state.ts';
import { judgeApproval, readApproval, readVotes } from '#server/approvals/read-approval.ts';
import { readVoters } from '#server/approvals/read-voters.ts';
import type { Coverage } from '#server/gate/read-coverage.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { boundArguments } from '#server/permits/canonicalise.ts';
import { bindingDigest } from '#server/permits/digest.ts';
import type { RedeemInput } from './contract.ts';
import type { ActionRecord } from './read-action-record.ts';
import { readPolicyNow } from './read-policy-now.ts';
import type { RedeemedPermit } from './read-redeemed-permit.ts';

/**
 * Refuses a permit that is not live. Pure.
 * @throws AppError `superseded`, `denied`, `halted`, `expired`
 */
export function refuseUnlessLive(
  record: ActionRecord,
  permit: RedeemedPermit,
  coverage: Coverage,
): void {
  if (record.isSuperseded) {
    throw new AppError('superseded', 'A newer action took the place of this one; run that one.');
  }
  if (record.isCancelled) {
    throw new AppError('denied', 'This action was cancelled; ask for a new one.');
  }
  if (coverage.lastEpoch > permit.epoch) {
    throw new AppError(
      'halted',
      'A stop ended this permit; read the action again after the lift, or ask anew.',
      { extras: { epoch: coverage.lastEpoch } },
    );
  }
  if (coverage.nowMs >= permit.expiresAtMs) {
    throw new AppError('expired', 'This permit has expired; ask for the action again.');
  }
}

/**
 * Refuses a permit that is not for exactly this call. Pure.
 * @param input its arguments as they were bound: with the defaults of the tool's schema
 * @throws AppError `plan_mismatch`, `args_mismatch`
 */
export function refuseMismatch(
  record: ActionRecord,
  permit: RedeemedPermit,
  input: RedeemInput,
): void {
  if ((input.planHash ?? null) !== record.planHash) {
    throw new AppError('plan_mismatch', 'This is not the plan that was decided; ask for this one.');
  }
  if (permit.digest !== record.digest || digestOfArguments(record, input.args) !== record.digest) {
    throw new AppError(
      'args_mismatch',
      'These are not the arguments that were decided; ask for these, or send the others.',
    );
  }
}

/** What the digest of an action would be with these arguments; null once its nonce is erased. */
export function digestOfArguments(
  record: ActionRecord,
  args: Readonly<Record<string, unknown>>,
): string | null {
  if (record.nonce === null) return null;
  return bindingDigest({
    tenantId: record.tenantId,
    agentId: record.agentId,
    actionId: record.id,
    tool: record.tool,
    schema: record.schemaDigest,
    nonce: record.nonce.toString('base64url'),
    args: boundArguments(args, record.boundFields),
    plan: record.planHash,
  });
}

/**
 * Refuses what would not be granted any more: the policy, the tool's schema, the agent, and for held
 * actions the people who approved, as all of them are now.
 * @throws AppError `denied`, `self_approval`, `schema_changed`, `policy_changed`
 */
export async function refuseUnlessGranted(
  tx: Tx,
  ctx: Ctx,
  record: ActionRecord,
  coverage: Coverage,
): Promise<void> {
  const now = await readPolicyNow(tx, ctx, record);
  if (now.isAgentDisabled) throw new AppError('denied', 'This agent is disabled.');
  if (now.isSchemaChanged) {
    throw new AppError('schema_changed', 'The tool’s schema changed; ask for the action again.');
  }
  if (now.isTighter) {
    throw new AppError('policy_changed', 'The policy became stricter; ask for the action again.');
  }
  if (record.decision === 'deny') throw new AppError('denied', 'This action was denied.');
  if (record.decision === 'hold') await refuseUnlessApproved(tx, ctx, record, coverage);
}

async function refuseUnlessApproved(
  tx: Tx,
  ctx: Ctx,
  record: ActionRecord,
  coverage: Coverage,
): Promise<void> {
  const approval =
    record.approvalId === null ? null : await readApproval(tx, ctx, record.approvalId);
  if (approval?.result !== 'approved') {
    throw new AppError('denied', 'This action is not approved.');
  }
  const votes = (await readVotes(tx, ctx, [approval.id])).get(approval.id) ?? [];
  const voters = await readVoters(tx, ctx);
  const { tally, facts } = judgeApproval(approval, coverage, votes, voters);
  if (tally.hasQuorum) return;
  const involved = ['owner', 'requester', 'key_creator'];
  const isOwn = votes.some((vote) => {
    const voter = voters.find((one) => one.userId === vote.userId);
    return voter !== undefined && involved.includes(ineligibility(facts, voter) ?? '');
  });
  throw isOwn
    ? new AppError('self_approval', 'Somebody who approved it has become its owner or requester.')
    : new AppError('denied', 'Too few of those who approved it are still reviewers.');
}
