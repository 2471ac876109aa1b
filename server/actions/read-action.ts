import type { Tx } from '#db/client.ts';
import type { CountedVote, Voter } from '#server/approvals/approval-state.ts';
import {
  type ApprovalRecord,
  judgeApproval,
  type JudgedApproval,
  readApproval,
  readVotes,
} from '#server/approvals/read-approval.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { readSealed, unseal } from '#server/approvals/open-arguments.ts';
import type { JsonObject } from '#server/permits/canonicalise.ts';
import { deadKey, isKeyDead } from '#server/auth/key-standing.ts';
import { readVoters } from '#server/approvals/read-voters.ts';
import { type Coverage, readCoverage } from '#server/gate/read-coverage.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { type ActionFacts, actionState, type DerivedState } from './action-state.ts';
import type { ActionAnswer } from './contract.ts';
import { denialOf, instantOf } from './present-action.ts';
import { type ActionRecord, readActionRecord } from './read-action-record.ts';
import { policyNow, type PolicyRow, readPolicyRow } from './read-policy-now.ts';
import { signPermit } from './sign-permit.ts';

/** The request on a held action, at one moment. */
interface JudgedRequest extends JudgedApproval {
  readonly id: string;
  readonly fingerprint: string;
  readonly needs: number;
  readonly denyReason: string | null;
}

/** An action with everything that its state follows from, at one moment of the database's clock. */
export interface ActionView {
  readonly record: ActionRecord;
  readonly approval: JudgedRequest | null;
  readonly coverage: Coverage;
  readonly facts: ActionFacts;
  readonly derived: DerivedState;
}

/** What an action's state follows from beside its own row, as read in one transaction. */
export interface ActionSurroundings {
  readonly coverage: Coverage;
  readonly approval: ApprovalRecord | null;
  readonly votes: readonly CountedVote[];
  readonly voters: readonly Voter[];
  /** Undefined when the agent is gone. */
  readonly policy: PolicyRow | undefined;
}

/** What of an action its surroundings are found by; none of it ever changes. */
type Placed = Pick<ActionRecord, 'agentId' | 'tool' | 'subject' | 'decidedAt' | 'approvalId'>;

/** Reads what an action's state follows from, in the caller's transaction. */
export async function viewAction(tx: Tx, ctx: Ctx, record: ActionRecord): Promise<ActionView> {
  return viewOf(record, await readSurroundings(tx, ctx, record));
}

/** All that {@link viewOf} needs, in one trip to the database. */
export async function readSurroundings(
  tx: Tx,
  ctx: Ctx,
  placed: Placed,
): Promise<ActionSurroundings> {
  const { approvalId } = placed;
  const stops = readCoverage(tx, ctx, placed.subject, placed.decidedAt);
  const now = readPolicyRow(tx, ctx, placed);
  if (approvalId === null) {
    const [coverage, policy] = await Promise.all([stops, now]);
    return { coverage, approval: null, votes: [], voters: [], policy };
  }
  const [coverage, policy, approval, votes, voters] = await Promise.all([
    stops,
    now,
    readApproval(tx, ctx, approvalId),
    readVotes(tx, ctx, [approvalId]),
    readVoters(tx, ctx),
  ]);
  return { coverage, approval, votes: votes.get(approvalId) ?? [], voters, policy };
}

/** An action as it stands in its surroundings. Pure. */
export function viewOf(record: ActionRecord, around: ActionSurroundings): ActionView {
  const { coverage } = around;
  const approval = judgeRequest(around);
  const facts: ActionFacts = {
    decision: record.decision,
    approval: approval?.state ?? null,
    useByMs: approval?.useByMs ?? null,
    isCancelled: record.isCancelled,
    isSuperseded: record.isSuperseded,
    isVoid: isVoid(record, approval, around.policy),
    permit: record.permit,
    redeemedAtMs: record.redeemedAtMs,
    outcomeDueMs: record.outcomeDueMs,
    outcome: record.outcome,
    stops: { isHalted: coverage.standing !== null, lastEpoch: coverage.lastEpoch },
  };
  return { record, approval, coverage, facts, derived: actionState(facts, coverage.nowMs) };
}

function judgeRequest(around: ActionSurroundings): JudgedRequest | null {
  const { approval, coverage, votes, voters } = around;
  if (approval === null) return null;
  const { id, fingerprint, needs, denyReason } = approval;
  const judged = judgeApproval(approval, coverage, votes, voters);
  return { id, fingerprint, needs, denyReason, ...judged };
}

/** What was granted is void as long as the policy asks for more than it did then; what ran, ran. */
function isVoid(
  record: ActionRecord,
  approval: JudgedApproval | null,
  policy: PolicyRow | undefined,
): boolean {
  const isGranted = record.decision === 'allow' || approval?.state === 'approved';
  if (!isGranted || record.redeemedAtMs !== null) return false;
  const now = policyNow(policy, record);
  return now.isTighter || now.isSchemaChanged || now.isAgentDisabled;
}

/** Reads an action for the key that acts. @throws AppError `unauthenticated` for one that died meanwhile */
async function viewForKey(tx: Tx, ctx: Ctx, record: ActionRecord): Promise<ActionView> {
  const [view, isDead] = await Promise.all([viewAction(tx, ctx, record), isKeyDead(tx, ctx)]);
  if (isDead) throw deadKey();
  return view;
}

/** An action of the agent that asks. @throws AppError `unauthenticated`; `not_found` for any other. */
export async function readOwnAction(ctx: Ctx, agentId: string, id: string): Promise<ActionView> {
  return withRead(ctx, async (tx) => {
    const record = await readActionRecord(tx, ctx, id);
    if (record === null || record.agentId !== agentId) throw noSuchAction();
    return viewForKey(tx, ctx, record);
  });
}

export const noSuchAction = (): AppError =>
  new AppError('not_found', 'There is no such action of this agent.');

/** The answer for an action as it stands. Its permit is made anew, and only while it is live. */
export async function answerOf(
  ctx: Ctx,
  tools: HoldTools,
  record: ActionRecord,
): Promise<ActionAnswer> {
  return presentView(ctx, tools, await withRead(ctx, (tx) => viewForKey(tx, ctx, record)));
}

/** {@link answerOf} for what was read already. */
export async function presentView(
  ctx: Ctx,
  tools: HoldTools,
  view: ActionView,
): Promise<ActionAnswer> {
  const { record, approval, derived } = view;
  const { permit } = record;
  const signed = await livePermit(ctx, tools, view);
  return {
    id: record.id,
    state: derived.state,
    decision: record.decision,
    risk: { ...record.risk, factors: [...record.risk.factors] },
    reasons: [...record.reasons],
    policyVersion: record.policyVersion,
    obligations: [],
    approval: approval && {
      id: approval.id,
      expiresAt: instantOf(approval.deadlineMs),
      needs: approval.needs,
      votes: approval.tally.approvals,
      fingerprint: approval.fingerprint,
    },
    permit: signed,
    permitExpiresAt: permit === null ? null : instantOf(permit.expiresAtMs),
    permitState: derived.permit,
    editedArgs: signed === null ? null : await editedArguments(ctx, tools, record),
    denyReason: approval?.denyReason ?? denialOf(record.decision, record.reasons),
    next: derived.next,
  };
}

/** What a reviewer made of the arguments, beside the permit for it; null for what nobody edited. */
async function editedArguments(
  ctx: Ctx,
  tools: HoldTools,
  record: ActionRecord,
): Promise<ActionAnswer['editedArgs']> {
  if (record.edits === 0) return null;
  const sealed = await withRead(ctx, (tx) => readSealed(tx, ctx, record.id));
  return sealed === null ? null : (JSON.parse(unseal(ctx, tools, sealed)) as JsonObject);
}

/** Only what may run: a cancelled action's permit may be live by its own clock. */
async function livePermit(
  ctx: Ctx,
  tools: HoldTools,
  { record, derived }: ActionView,
): Promise<string | null> {
  const { permit, nonce } = record;
  if (derived.next !== 'run' || permit === null || nonce === null) return null;
  if (isStopFilePresent() || permit.kid !== tools.permitKey.kid) return null;
  return signPermit(ctx, tools, {
    id: permit.id,
    actionId: record.id,
    agentId: record.agentId,
    tool: record.tool,
    digest: record.digest,
    nonce,
    policyVersion: permit.policyVersion,
    epoch: permit.epoch,
    issuedAt: permit.issuedAtMs / 1000,
    expiresAt: permit.expiresAtMs / 1000,
    isEdited: record.edits > 0,
  });
}
