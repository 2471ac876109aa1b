import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { hotQuery } from '#db/hot-query.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { ApprovalResult, RiskBand, VoteVerdict } from '#db/enums.ts';
import type { GateSubject } from '#server/gate/contract.ts';
import type { Coverage } from '#server/gate/read-coverage.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import {
  type ApprovalFacts,
  approvalState,
  type CountedVote,
  deadlineOf,
  tallyVotes,
  type Tally,
  type Voter,
} from './approval-state.ts';
import type { ApprovalState } from './states.ts';

/** An approval and what it is about, as stored; times beside their milliseconds. */
export interface ApprovalRecord {
  readonly id: string;
  readonly actionId: string;
  readonly agentId: string;
  readonly digest: string;
  readonly band: RiskBand;
  readonly needs: number;
  readonly isFreshSignInNeeded: boolean;
  readonly fingerprint: string;
  readonly result: ApprovalResult;
  readonly requestedAt: string;
  readonly requestedAtMs: number;
  readonly expiresAtMs: number;
  readonly resolvedAtMs: number | null;
  readonly useByMs: number | null;
  readonly denyReason: string | null;
  /** Whoever was excluded when it was held, and the agent's owner of now. */
  readonly excluded: ApprovalFacts['excluded'];
  /** What a stop would have to cover; the environment is the agent's of now. */
  readonly subject: GateSubject;
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly action_id: string;
  readonly agent_id: string;
  readonly digest: string;
  readonly band: RiskBand;
  readonly needs: number;
  readonly is_fresh_sign_in_needed: boolean;
  readonly fingerprint: string;
  readonly result: ApprovalResult;
  readonly requested_at: string;
  readonly requested_ms: number;
  readonly expires_ms: number;
  readonly resolved_ms: number | null;
  readonly use_by_ms: number | null;
  readonly deny_reason: string | null;
  readonly excluded: unknown;
  readonly owner_user_id: string | null;
  readonly environment: string;
  readonly session_id: string | null;
  readonly tool: string;
}

const excludedSchema = z.object({
  ownerUserIds: z.array(z.string()),
  requesters: z.array(z.string()),
  keyCreators: z.array(z.string()),
});

/** Milliseconds since 1970 of a timestamp, as SQL. */
export const msOf = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);

/** Columns of an {@link ApprovalRecord}: of `ap` (approvals), `a` (actions) and `ag` (agents). */
export const approvalColumns = sql`ap.id, ap.action_id, a.agent_id, a.digest, ap.band, ap.needs,
  ap.is_fresh_sign_in_needed, ap.fingerprint, ap.result, ap.requested_at::text,
  ${msOf('ap.requested_at')} as requested_ms, ${msOf('ap.expires_at')} as expires_ms,
  ${msOf('ap.resolved_at')} as resolved_ms, ${msOf('ap.use_by')} as use_by_ms, ap.deny_reason,
  ap.excluded, ag.owner_user_id, ag.environment, a.session_id, a.tool`;

/** The tables of {@link approvalColumns}. */
export const approvalTables = sql`approvals ap
  join actions a on a.tenant_id = ap.tenant_id and a.id = ap.action_id
  join agents ag on ag.tenant_id = a.tenant_id and ag.id = a.agent_id`;

/**
 * One approval; null when there is none in this tenant. `isLocked` holds its row until the end of the
 * transaction, so that two votes follow one another; it is read in a statement after the lock, because
 * the one that waits would see the action beside it as it was before the wait.
 */
export async function readApproval(
  tx: Tx,
  ctx: Ctx,
  id: string,
  options: { readonly isLocked: boolean } = { isLocked: false },
): Promise<ApprovalRecord | null> {
  const mine = sql`ap.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and ap.id = ${uuidOf(id)}::uuid`;
  // Sent one behind the other: the second waits for the first, and has a snapshot after it.
  const [, [row]] = await Promise.all([
    options.isLocked ? hotQuery(tx, lockText, [uuidOf(ctx.tenantId), uuidOf(id)]) : undefined,
    tx.execute<Row>(sql`select ${approvalColumns} from ${approvalTables} where ${mine}`),
  ]);
  return row === undefined ? null : approvalOf(row);
}

const lockText = 'select 1 from approvals where tenant_id = $1::uuid and id = $2::uuid for update';

/** A row of {@link approvalColumns} as a record. */
export function approvalOf(given: Record<string, unknown>): ApprovalRecord {
  const row = given as Row;
  const excluded = excludedSchema.parse(row.excluded);
  const owner = row.owner_user_id === null ? [] : [idOf('user', row.owner_user_id)];
  return {
    id: idOf('approval', row.id),
    actionId: idOf('action', row.action_id),
    agentId: idOf('agent', row.agent_id),
    digest: row.digest,
    band: row.band,
    needs: row.needs,
    isFreshSignInNeeded: row.is_fresh_sign_in_needed,
    fingerprint: row.fingerprint,
    result: row.result,
    requestedAt: instantFromDriver(row.requested_at),
    requestedAtMs: row.requested_ms,
    expiresAtMs: row.expires_ms,
    resolvedAtMs: row.resolved_ms,
    useByMs: row.use_by_ms,
    denyReason: row.deny_reason,
    excluded: { ...excluded, ownerUserIds: [...excluded.ownerUserIds, ...owner] },
    subject: {
      agentId: idOf('agent', row.agent_id),
      environment: row.environment,
      sessionId: row.session_id,
      tool: row.tool,
    },
  };
}

export interface StoredVote extends CountedVote {
  readonly email: string;
  readonly reason: string;
  readonly isFresh: boolean;
  readonly at: string;
}

/** Votes of some approvals on what their actions are now, by approval, oldest first. */
export async function readVotes(
  tx: Tx,
  ctx: Ctx,
  approvalIds: readonly string[],
): Promise<ReadonlyMap<string, readonly StoredVote[]>> {
  if (approvalIds.length === 0) return new Map();
  const rows = await tx.execute<{
    approval_id: string;
    user_id: string;
    email: string;
    verdict: VoteVerdict;
    reason: string;
    is_fresh: boolean;
    at: string;
    at_ms: number;
  }>(sql`
    select v.approval_id, v.user_id, v.email, v.verdict, v.reason, v.is_fresh, v.at::text,
      ${msOf('v.at')} as at_ms
    from votes v
    join approvals ap on ap.tenant_id = v.tenant_id and ap.id = v.approval_id
    join actions a on a.tenant_id = ap.tenant_id and a.id = ap.action_id
    where v.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and v.approval_id = any(${sql.param(approvalIds.map(uuidOf))}::uuid[])
      and v.digest = a.digest
    order by v.at, v.user_id limit ${limits.votesMax * approvalIds.length}`);
  const votes = rows.map((row) => ({
    approvalId: idOf('approval', row.approval_id),
    userId: idOf('user', row.user_id),
    email: row.email,
    verdict: row.verdict,
    reason: row.reason,
    isFresh: row.is_fresh,
    at: instantFromDriver(row.at),
    atMs: row.at_ms,
  }));
  return Map.groupBy(votes, (vote) => vote.approvalId);
}

/** An approval with everything that its state follows from, at one moment. */
export interface JudgedApproval {
  readonly facts: ApprovalFacts;
  readonly state: ApprovalState;
  readonly tally: Tally;
  /** With the frozen time known so far given back. */
  readonly deadlineMs: number;
  /** Until when it may get a permit, frozen time given back; null unless approved. */
  readonly useByMs: number | null;
}

/**
 * The state of an approval at the moment of `coverage`. What was approved by people of whom too few
 * still count is `invalidated`. Pure.
 */
export function judgeApproval(
  record: ApprovalRecord,
  coverage: Pick<Coverage, 'nowMs' | 'spans'>,
  votes: readonly CountedVote[],
  voters: readonly Voter[],
): JudgedApproval {
  const { nowMs, spans } = coverage;
  const facts: ApprovalFacts = { ...record, frozen: spans };
  const tally = tallyVotes(facts, votes, voters);
  const stored = approvalState(facts, nowMs);
  return {
    facts,
    tally,
    state: stored === 'approved' && !tally.hasQuorum ? 'invalidated' : stored,
    deadlineMs: deadlineOf(facts, nowMs).deadlineMs,
    useByMs: usableUntil(record, spans, nowMs),
  };
}

/** The time to use an approval stands still under a stop like the time to give it. */
function usableUntil(
  record: ApprovalRecord,
  frozen: Coverage['spans'],
  nowMs: number,
): number | null {
  if (record.useByMs === null || record.resolvedAtMs === null) return null;
  const using = { requestedAtMs: record.resolvedAtMs, expiresAtMs: record.useByMs, frozen };
  return deadlineOf(using, nowMs).deadlineMs;
}
