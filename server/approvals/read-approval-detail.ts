import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import { actionEdits } from '#db/schema/actions.ts';
import { tools } from '#db/schema/agents.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readCoverage } from '#server/gate/read-coverage.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { permitState } from '#server/permits/permit-state.ts';
import type { Reason, RiskFactor } from '#server/policy/contract.ts';
import { ineligibility } from './approval-state.ts';
import type { ApprovalDetail } from './contract.ts';
import { judgeApprovals, type Judging, type ListedApproval } from './list-approvals.ts';
import { instantOf, presentApproval, presentRefusal } from './present.ts';
import { msOf } from './read-approval.ts';

export const noSuchApproval = (): AppError =>
  new AppError('not_found', 'There is no such approval in this tenant.');

/** Everything of one request but its arguments. @throws AppError `forbidden`, `not_found`. */
export async function readApprovalDetail(ctx: Ctx, id: string): Promise<ApprovalDetail> {
  requirePermission(ctx, 'approvals.read');
  if (!isId('approval', id)) throw noSuchApproval();
  return withRead(ctx, async (tx) => {
    const judging = await judgeApprovals(tx, ctx, sql`ap.id = ${uuidOf(id)}::uuid`, sql`ap.id`, 1);
    const [item] = judging.items;
    if (item === undefined) throw noSuchApproval();
    const action = await readAction(tx, ctx, item.record.actionId);
    return {
      ...presentApproval(ctx, item, judging),
      ...action.shown,
      toolFacts: await readToolFacts(tx, ctx, item.record),
      digest: item.record.digest,
      votes: presentVotes(item, judging),
      edits: await readEdits(tx, ctx, item.record.actionId),
      missing: item.judged.tally.missing,
      denyReason: item.record.denyReason,
      questions: await readQuestions(tx, ctx, id),
      precedent: await readPrecedent(tx, ctx, item),
      before: await readBefore(tx, ctx, action.shown.traceId, item.record.requestedAt),
      ...(await readAftermath(tx, ctx, item)),
      at: instantOf(judging.nowMs),
    };
  });
}

function presentVotes(item: ListedApproval, { voters }: Judging): ApprovalDetail['votes'] {
  return item.votes.map((vote) => {
    const voter = voters.find((one) => one.userId === vote.userId);
    const reason = voter ? ineligibility(item.judged.facts, voter) : 'gone';
    return {
      userId: vote.userId,
      label: vote.email,
      verdict: vote.verdict,
      reason: vote.reason,
      isFresh: vote.isFresh,
      at: vote.at,
      discounted: presentRefusal(reason),
    };
  });
}

interface ActionRow extends Record<string, unknown> {
  readonly reasons: string;
  readonly factors: string;
  readonly policy_version: string;
  readonly plan_hash: string | null;
  readonly owner_label: string | null;
  readonly key_name: string | null;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly instance_id: string | null;
  readonly reason: string | null;
  readonly derived_from: string[];
}

async function readAction(tx: Tx, ctx: Ctx, actionId: string) {
  const [row] = await tx.execute<ActionRow>(sql`
    select a.reasons::text, a.risk_factors::text as factors, a.policy_version, a.plan_hash,
      u.email as owner_label, k.name as key_name, a.trace_id, a.span_id, a.instance_id, a.reason,
      a.derived_from
    from actions a
    join agents ag on ag.tenant_id = a.tenant_id and ag.id = a.agent_id
    left join users u on u.id = ag.owner_user_id
    left join api_keys k on k.tenant_id = a.tenant_id and k.id = a.key_id
    where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and a.id = ${uuidOf(actionId)}::uuid`);
  if (!row) throw noSuchApproval();
  return {
    shown: {
      reasons: JSON.parse(row.reasons) as Reason[],
      factors: JSON.parse(row.factors) as RiskFactor[],
      policyVersion: row.policy_version,
      planHash: row.plan_hash,
      ownerLabel: row.owner_label,
      keyName: row.key_name ?? 'a key that is gone',
      traceId: row.trace_id?.replaceAll('-', '') ?? null,
      spanId: row.span_id,
      instanceId: row.instance_id,
      agentReason: row.reason,
      derivedFrom: row.derived_from,
    },
  };
}

/** What is registered of the tool, as far as a sentence needs it. */
async function readToolFacts(
  tx: Tx,
  ctx: Ctx,
  { subject, requestedAt }: ListedApproval['record'],
): Promise<ApprovalDetail['toolFacts']> {
  const [row] = await tx
    .select({
      effectClass: tools.effectClass,
      reversibility: tools.reversibility,
      fields: tools.loadBearingFields,
      takes: sql<string[] | null>`case when jsonb_typeof(${tools.schema}->'properties') = 'object'
        then array(select jsonb_object_keys(${tools.schema}->'properties') order by 1) end`,
      isChanged: sql<boolean>`${tools.updatedAt} > ${requestedAt}::timestamptz`,
    })
    .from(tools)
    .where(and(eq(tools.tenantId, ctx.tenantId), eq(tools.name, subject.tool ?? '')));
  if (row === undefined) return null;
  const { fields, takes, ...facts } = row;
  return { ...facts, declared: fields ?? takes };
}

async function readEdits(tx: Tx, ctx: Ctx, actionId: string): Promise<ApprovalDetail['edits']> {
  const rows = await tx
    .select({
      by: actionEdits.editorLabel,
      at: actionEdits.at,
      reason: actionEdits.reason,
      bandBefore: actionEdits.riskBandBefore,
      band: actionEdits.riskBand,
    })
    .from(actionEdits)
    .where(and(eq(actionEdits.tenantId, ctx.tenantId), eq(actionEdits.actionId, actionId)))
    .orderBy(actionEdits.version)
    .limit(limits.editsMax);
  return rows;
}

async function readQuestions(
  tx: Tx,
  ctx: Ctx,
  approvalId: string,
): Promise<ApprovalDetail['questions']> {
  const rows = await tx.execute<{
    id: string;
    label: string;
    text: string;
    asked_at: string;
    answer: string | null;
    answered_at: string | null;
  }>(sql`
    select id, asked_by_label as label, text, asked_at::text, answer, answered_at::text
    from questions where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and approval_id = ${uuidOf(approvalId)}::uuid
    order by asked_at, id limit ${limits.questionsMax}`);
  return rows.map((row) => ({
    id: idOf('question', row.id),
    askedBy: row.label,
    text: row.text,
    askedAt: instantFromDriver(row.asked_at),
    answer: row.answer,
    answeredAt: row.answered_at === null ? null : instantFromDriver(row.answered_at),
  }));
}

/** Earlier requests of this agent for this tool, newest first. */
async function readPrecedent(
  tx: Tx,
  ctx: Ctx,
  { record }: ListedApproval,
): Promise<ApprovalDetail['precedent']> {
  const earlier = await judgeApprovals(
    tx,
    ctx,
    sql`a.agent_id = ${uuidOf(record.agentId)}::uuid and a.tool = ${record.subject.tool}
      and ap.requested_at < ${record.requestedAt}::timestamptz`,
    sql`ap.requested_at desc, ap.id`,
    limits.precedentsMax,
  );
  return earlier.items.map((item) => ({
    approvalId: item.record.id,
    state: item.judged.state,
    band: item.record.band,
    requestedAt: item.record.requestedAt,
    resolvedBy: item.extras.resolvedBy,
    reason: item.votes.at(-1)?.reason ?? null,
  }));
}

/** Events of the trace in the minute before the request, in their order; never a payload. */
async function readBefore(
  tx: Tx,
  ctx: Ctx,
  traceId: string | null,
  requestedAt: string,
): Promise<ApprovalDetail['before']> {
  if (traceId === null) return [];
  const rows = await tx.execute<{
    event_id: string;
    kind: string;
    name: string | null;
    status: string;
    trust: string;
    started_at: string;
    findings: number;
  }>(sql`
    select event_id, kind, name, status, trust, started_at::text,
      coalesce(jsonb_array_length(findings), 0)::int as findings
    from events
    where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and trace_id = ${traceId}::uuid
      and received_at between ${requestedAt}::timestamptz - interval '1 minute'
        and ${requestedAt}::timestamptz
      and received_on between (${requestedAt}::timestamptz at time zone 'utc')::date - 1
        and (${requestedAt}::timestamptz at time zone 'utc')::date
    order by started_at desc, seq desc limit ${limits.contextEventsMax}`);
  return rows.toReversed().map((row) => ({
    eventId: row.event_id,
    traceId,
    kind: row.kind,
    name: row.name,
    status: row.status,
    trust: row.trust,
    startedAt: instantFromDriver(row.started_at),
    findings: row.findings,
  }));
}

/** What followed the decision: permit, redeem and outcome, as far as they exist. */
async function readAftermath(
  tx: Tx,
  ctx: Ctx,
  { record }: ListedApproval,
): Promise<Pick<ApprovalDetail, 'permitState' | 'permitExpiresAt' | 'redeemedAt' | 'outcome'>> {
  const [row] = await tx.execute<{
    epoch: string | null;
    expires_ms: number | null;
    redeemed_ms: number | null;
    status: string | null;
    at: string | null;
    is_as_approved: boolean | null;
  }>(sql`
    select p.epoch::text, ${msOf('p.expires_at')} as expires_ms,
      ${msOf('r.redeemed_at')} as redeemed_ms, o.status, o.at::text,
      o.executed_digest = a.digest as is_as_approved
    from actions a
    left join outcomes o on o.tenant_id = a.tenant_id and o.action_id = a.id
    left join lateral (select * from permits p where p.tenant_id = a.tenant_id
      and p.action_id = a.id order by p.issued_at desc, p.id desc limit 1) p on true
    left join lateral (select * from permits r where r.tenant_id = a.tenant_id
      and r.action_id = a.id and r.redeemed_at is not null limit 1) r on true
    where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and a.id = ${uuidOf(record.actionId)}::uuid`);
  const coverage = await readCoverage(tx, ctx, record.subject, record.requestedAt);
  const redeemedAtMs = row?.redeemed_ms ?? null;
  const { epoch = null, expires_ms: expiresAtMs = null } = row ?? {};
  const state = permitState(
    {
      permit: epoch === null || expiresAtMs === null ? null : { epoch: Number(epoch), expiresAtMs },
      redeemedAtMs,
      stops: { isHalted: coverage.standing !== null, lastEpoch: coverage.lastEpoch },
    },
    coverage.nowMs,
  );
  const { status = null, at = null, is_as_approved: isAsApproved = null } = row ?? {};
  return {
    permitState: state,
    permitExpiresAt: expiresAtMs === null ? null : instantOf(expiresAtMs),
    redeemedAt: redeemedAtMs === null ? null : instantOf(redeemedAtMs),
    outcome:
      status === null || at === null ? null : { status, at: instantFromDriver(at), isAsApproved },
  };
}
