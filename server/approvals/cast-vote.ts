import { sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { approvals, votes } from '#db/schema/approvals.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { confirmPassword } from '#server/auth/confirm-password.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readCoverage } from '#server/gate/read-coverage.ts';
import { withGate } from '#server/gate/with-gate.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { noteChange } from '#server/live/note-change.ts';
import { tallyVotes, type Tally, voteRefusal } from './approval-state.ts';
import type { castVoteAnswer, CastVoteInput } from './contract.ts';
import { voterOf } from './present.ts';
import { type ApprovalRecord, judgeApproval, readApproval, readVotes } from './read-approval.ts';
import { noSuchApproval } from './read-approval-detail.ts';
import { readVoters } from './read-voters.ts';
import { refusalError } from './refusal-error.ts';

type Answer = z.infer<typeof castVoteAnswer>;
type Person = Extract<Ctx['actor'], { type: 'person' }>;

/**
 * One person's word on a held action. What is graver needs the password again and a reason; the
 * password is checked before the transaction, because that takes as long as a sign-in. Then, behind the
 * gate and under the request's lock: roles, people and state as they are now, the vote, the count,
 * and what it decides. A denial is a veto.
 * @throws AppError `forbidden`, `not_found`, `self_approval`, `conflict`, `expired`, `halted`,
 *   `args_mismatch` for another digest than was shown, `unprocessable` without reason or password.
 */
export async function castVote(ctx: Ctx, input: CastVoteInput): Promise<Answer> {
  requirePermission(ctx, 'approvals.vote');
  const { actor } = ctx;
  if (actor.type !== 'person') throw new AppError('forbidden', 'Only a person votes.');
  if (!isId('approval', input.id)) throw noSuchApproval();
  const asked = await withRead(ctx, (tx) => readApproval(tx, ctx, input.id));
  if (asked === null) throw noSuchApproval();
  requireComplete(asked, input);
  const password = input.password ?? '';
  const isFresh = password !== '';
  if (isFresh) await confirmPassword(ctx, password);
  return withGate(ctx, asked.subject, (tx) => voteInGate(tx, ctx, actor, input, isFresh));
}

/** @throws AppError `args_mismatch`, `unprocessable` */
function requireComplete(record: ApprovalRecord, input: CastVoteInput): void {
  if (input.digest !== record.digest) {
    throw new AppError('args_mismatch', 'This is not what was shown; open the request again.');
  }
  const isApproval = input.verdict === 'approve';
  if (input.reason === '' && (!isApproval || record.isFreshSignInNeeded)) {
    throw new AppError('unprocessable', 'Give a reason; the agent and the log get it.');
  }
  if (isApproval && record.isFreshSignInNeeded && !input.password) {
    throw new AppError('unprocessable', 'Enter your password again to approve this.');
  }
}

/** {@link castVote} for a caller that holds the gate and has checked the password. */
export async function voteInGate(
  tx: Tx,
  ctx: Ctx,
  actor: Person,
  input: CastVoteInput,
  isFresh: boolean,
): Promise<Answer> {
  // The lock is sent first; what is read behind it is of after it.
  const [record, castOn, voters] = await Promise.all([
    readApproval(tx, ctx, input.id, { isLocked: true }),
    readVotes(tx, ctx, [input.id]),
    readVoters(tx, ctx),
  ]);
  if (record === null) throw noSuchApproval();
  // Once more under the lock: an edit may have come since, and ask for more than the request did.
  requireComplete(record, input);
  const cast = castOn.get(record.id) ?? [];
  const coverage = await readCoverage(tx, ctx, record.subject, record.requestedAt);
  const { facts, state, deadlineMs } = judgeApproval(record, coverage, cast, voters);
  const refusal = voteRefusal(facts, voterOf(ctx, voters), cast, coverage.nowMs);
  if (refusal !== null) throw refusalError(refusal, state);
  const counted = { userId: actor.userId, verdict: input.verdict, atMs: coverage.nowMs };
  const tally = tallyVotes(facts, [...cast, counted], voters);
  const result = tally.isVetoed ? 'denied' : tally.hasQuorum ? 'approved' : null;
  // All in one trip; where one fails, none of them is kept.
  const [votedAtMs] = await Promise.all([
    insertVote(tx, ctx, actor, record, input, isFresh),
    result === null
      ? tell(tx, ctx, record, 'voted')
      : settle(tx, ctx, actor, record, { ...tally, result, denyReason: input.reason }),
  ]);
  // In time when it was judged, and late when it was written: late is late.
  if (votedAtMs >= deadlineMs) throw refusalError('closed', 'expired');
  return { state: result ?? 'pending', approvals: tally.approvals, missing: tally.missing };
}

/** The moment that stands in the row, milliseconds of the database's clock. */
async function insertVote(
  tx: Tx,
  ctx: Ctx,
  actor: Person,
  { id, digest, band, actionId }: ApprovalRecord,
  { verdict, reason }: CastVoteInput,
  isFresh: boolean,
): Promise<number> {
  const { tenantId } = ctx;
  const { userId, email, signInId } = actor;
  const vote = {
    tenantId,
    approvalId: id,
    userId,
    email,
    verdict,
    reason,
    digest,
    isFresh,
    signInId,
  };
  const [rows] = await Promise.all([
    tx
      .insert(votes)
      .values(vote)
      .returning({ atMs: sql<number>`(extract(epoch from ${votes.at}) * 1000)::float8` }),
    writeAudit(tx, ctx, {
      action: 'approval.voted',
      subject: { type: 'approval', id },
      decision: verdict === 'approve' ? 'allow' : 'deny',
      risk: band,
      detail: { verdict, reason, digest, isFresh, action: actionId },
    }),
  ]);
  const [row] = rows;
  if (!row) throw new Error('the vote was not kept');
  return row.atMs;
}

/** What a vote decided: how the request ends. */
interface Settlement extends Tally {
  readonly result: 'approved' | 'denied';
  readonly denyReason: string;
}

async function settle(
  tx: Tx,
  ctx: Ctx,
  actor: Person,
  record: ApprovalRecord,
  { result, denyReason, approvals: approving }: Settlement,
): Promise<void> {
  const isApproved = result === 'approved';
  const [closed] = await Promise.all([
    tx
      .update(approvals)
      .set({
        result,
        resolvedAt: sql`clock_timestamp()`,
        resolvedByLabel: actor.email,
        denyReason: isApproved ? null : denyReason,
        useBy: isApproved
          ? sql`clock_timestamp() + make_interval(secs => ${limits.approvedUseSeconds})`
          : null,
      })
      .where(
        sql`tenant_id = ${uuidOf(ctx.tenantId)}::uuid and id = ${uuidOf(record.id)}::uuid
          and result = 'pending'`,
      )
      .returning({ id: approvals.id }),
    writeAudit(tx, ctx, {
      action: isApproved ? 'approval.approved' : 'approval.denied',
      subject: { type: 'approval', id: record.id },
      decision: isApproved ? 'allow' : 'deny',
      risk: record.band,
      detail: { action: record.actionId, digest: record.digest, approvals: approving },
    }),
    tell(tx, ctx, record, result),
  ]);
  if (closed.length === 0) throw refusalError('closed', 'approved');
}

/** Those who wait for the request, or for the action where it decided that. */
function tell(
  tx: Tx,
  ctx: Ctx,
  { id, actionId, agentId }: ApprovalRecord,
  change: 'voted' | 'approved' | 'denied',
): Promise<void> {
  const isVote = change === 'voted';
  return noteChange(tx, ctx, {
    noun: isVote ? 'approval' : 'action',
    subjectId: isVote ? id : actionId,
    change,
    agentId,
  });
}
