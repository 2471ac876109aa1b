import type { ApprovalState, VoteRefusal } from './states.ts';
import type { ApprovalResult, RiskBand, Role, VoteVerdict } from '#db/enums.ts';

/** A stretch of time under a covering stop; `untilMs` null while it lasts. */
export interface FrozenSpan {
  readonly fromMs: number;
  readonly untilMs: number | null;
}

/** Somebody who has voted or would like to, as of this moment. */
export interface Voter {
  readonly userId: string;
  readonly email: string;
  readonly roles: readonly Role[];
  /** The account is closed, or no longer belongs to this tenant. */
  readonly isGone: boolean;
}

export interface CountedVote {
  readonly userId: string;
  readonly verdict: VoteVerdict;
  readonly atMs: number;
}

/** What an approval's state follows from. Times are milliseconds of the database's clock. */
export interface ApprovalFacts {
  readonly result: ApprovalResult;
  readonly band: RiskBand;
  readonly needs: number;
  readonly requestedAtMs: number;
  /** Before any frozen time is given back. */
  readonly expiresAtMs: number;
  /** Who may never vote on it: the agent's owner, whoever the agent works for, who made its key. */
  readonly excluded: {
    /** Owners of the agent: when it asked, and now. */
    readonly ownerUserIds: readonly string[];
    /** User ids or e-mails. */
    readonly requesters: readonly string[];
    readonly keyCreators: readonly string[];
  };
  readonly frozen: readonly FrozenSpan[];
}

/** What a person reads beside the disabled button. */
export const refusalSentences: Readonly<Record<VoteRefusal, string>> = {
  not_reviewer: 'Only a reviewer may vote; an administrator gives that role.',
  gone: 'This account is closed or not of this tenant.',
  owner: 'You own this agent, so somebody else decides.',
  requester: 'The agent says that it works for you, so somebody else decides.',
  key_creator: 'You made the key that this agent asks with, so somebody else decides.',
  voted: 'You have voted already; this one waits for somebody else.',
  frozen: 'A stop covers this agent; the vote opens again after the lift.',
  closed: 'This request is decided or over.',
};

/** Whether this person counts at all, whatever the state of the request. */
export function ineligibility(
  facts: Pick<ApprovalFacts, 'excluded'>,
  voter: Voter,
): VoteRefusal | null {
  if (voter.isGone) return 'gone';
  if (!voter.roles.includes('reviewer')) return 'not_reviewer';
  const { ownerUserIds, requesters, keyCreators } = facts.excluded;
  const isNamed = (names: readonly string[]) =>
    names.some((name) => name === voter.userId || sameEmail(name, voter.email));
  if (ownerUserIds.includes(voter.userId)) return 'owner';
  if (isNamed(requesters)) return 'requester';
  return isNamed(keyCreators) ? 'key_creator' : null;
}

/** Whether this person may vote now, and if not, why. */
export function voteRefusal(
  facts: ApprovalFacts,
  voter: Voter,
  votes: readonly CountedVote[],
  nowMs: number,
): VoteRefusal | null {
  const reason = ineligibility(facts, voter);
  if (reason !== null) return reason;
  const state = approvalState(facts, nowMs);
  if (state === 'frozen') return 'frozen';
  if (state !== 'pending') return 'closed';
  return votes.some((vote) => vote.userId === voter.userId) ? 'voted' : null;
}

/**
 * The state of a request at `nowMs`: what was decided stays; what is pending is frozen under a stop,
 * and expired once its time, with every frozen stretch given back, is over.
 */
export function approvalState(facts: ApprovalFacts, nowMs: number): ApprovalState {
  if (facts.result !== 'pending') return facts.result;
  const { deadlineMs, isFrozen } = deadlineOf(facts, nowMs);
  // Expired before a stop came stays expired under it.
  if (!isFrozen) return nowMs >= deadlineMs ? 'expired' : 'pending';
  return 'frozen';
}

/**
 * When a request expires as far as is known at `nowMs`. Only a stop that begins while the request
 * still lives gives time back, exactly as much as it took; stops that overlap count once.
 */
export function deadlineOf(
  facts: Pick<ApprovalFacts, 'requestedAtMs' | 'expiresAtMs' | 'frozen'>,
  nowMs: number,
): { readonly deadlineMs: number; readonly isFrozen: boolean } {
  const spans = facts.frozen
    .map(({ fromMs, untilMs }) => ({
      fromMs: Math.max(fromMs, facts.requestedAtMs),
      untilMs: Math.min(untilMs ?? nowMs, nowMs),
      isOpen: untilMs === null || untilMs > nowMs,
    }))
    .filter((span) => span.fromMs <= nowMs && span.untilMs >= span.fromMs)
    .toSorted((a, b) => a.fromMs - b.fromMs);
  let deadlineMs = facts.expiresAtMs;
  let countedUntilMs = facts.requestedAtMs;
  let isFrozen = false;
  for (const span of spans) {
    if (span.fromMs >= deadlineMs) break;
    const fromMs = Math.max(span.fromMs, countedUntilMs);
    if (span.untilMs > fromMs) {
      deadlineMs += span.untilMs - fromMs;
      countedUntilMs = span.untilMs;
    }
    isFrozen ||= span.isOpen;
  }
  return { deadlineMs, isFrozen };
}

export interface Tally {
  /** Distinct people whose approval counts now. */
  readonly approvals: number;
  readonly denials: number;
  /** How many more approvals are needed. */
  readonly missing: number;
  readonly hasQuorum: boolean;
  /** One denial of somebody who may vote is a veto. */
  readonly isVetoed: boolean;
}

/**
 * Counts votes of people as they are now: whoever lost the role, closed the account or became the
 * owner since no longer counts. Two accounts with one e-mail are one person.
 */
export function tallyVotes(
  facts: ApprovalFacts,
  votes: readonly CountedVote[],
  voters: readonly Voter[],
): Tally {
  const byId = new Map(voters.map((voter) => [voter.userId, voter]));
  const approving = new Set<string>();
  const denying = new Set<string>();
  for (const vote of votes) {
    const voter = byId.get(vote.userId);
    if (voter === undefined || ineligibility(facts, voter) !== null) continue;
    (vote.verdict === 'approve' ? approving : denying).add(voter.email.toLowerCase());
  }
  const missing = Math.max(0, facts.needs - approving.size);
  return {
    approvals: approving.size,
    denials: denying.size,
    missing,
    // A request that needs nobody is no request.
    hasQuorum: facts.needs > 0 && missing === 0 && denying.size === 0,
    isVetoed: denying.size > 0,
  };
}

/** How many people could approve a request at all; fewer than it needs means deny at once. */
export function countEligible(
  facts: Pick<ApprovalFacts, 'excluded'>,
  people: readonly Voter[],
): number {
  const emails = people
    .filter((person) => ineligibility(facts, person) === null)
    .map((person) => person.email.toLowerCase());
  return new Set(emails).size;
}

const sameEmail = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
