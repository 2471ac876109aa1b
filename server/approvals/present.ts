import type { Ctx } from '#server/kernel/context.ts';
import { refusalSentences, type Voter, voteRefusal } from './approval-state.ts';
import type { ApprovalRow } from './contract.ts';
import type { Judging, ListedApproval } from './list-approvals.ts';
import type { VoteRefusal } from './states.ts';

/** Milliseconds of the database's clock as RFC 3339 UTC. */
export const instantOf = (ms: number): string => new Date(ms).toISOString();

/** The person who asks, as a voter with the roles of this moment; machines are none. */
export function voterOf(ctx: Ctx, voters: readonly Voter[]): Voter {
  const { actor } = ctx;
  const nobody: Voter = { userId: '', email: '', roles: [], isGone: false };
  if (actor.type !== 'person') return nobody;
  return (
    voters.find((voter) => voter.userId === actor.userId) ?? {
      userId: actor.userId,
      email: actor.email,
      roles: [],
      isGone: true,
    }
  );
}

/** A code of refusal with its sentence; null stays null. */
export const presentRefusal = (code: VoteRefusal | null) =>
  code === null ? null : { code, sentence: refusalSentences[code] };

/** A row of the queue or the history for the person who asks. Never an argument. */
export function presentApproval(
  ctx: Ctx,
  { record, judged, votes, extras }: ListedApproval,
  { voters, nowMs }: Judging,
): ApprovalRow {
  const refusal = voteRefusal(judged.facts, voterOf(ctx, voters), votes, nowMs);
  return {
    id: record.id,
    actionId: record.actionId,
    agentId: record.agentId,
    agent: extras.agentSlug,
    environment: extras.environment,
    tool: record.subject.tool ?? '',
    band: record.band,
    riskScore: extras.riskScore,
    state: judged.state,
    fingerprint: record.fingerprint,
    requestedAt: record.requestedAt,
    expiresAt: instantOf(judged.deadlineMs),
    needs: record.needs,
    approvals: judged.tally.approvals,
    isFreshSignInNeeded: record.isFreshSignInNeeded,
    sessionId: record.subject.sessionId,
    onBehalfOf: extras.onBehalfOf,
    resolvedAt: extras.resolvedAt,
    resolvedBy: extras.resolvedBy,
    refusal: presentRefusal(refusal),
  };
}
