import { type SQL, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { Decision, OutcomeStatus, RiskBand } from '#db/enums.ts';
import { judgeApprovals, type ListedApproval } from '#server/approvals/list-approvals.ts';
import { msOf } from '#server/approvals/read-approval.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { haltOf, readStopsSince, type StopsSince } from '#server/gate/read-stops-since.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import type { Reason } from '#server/policy/contract.ts';
import { actionState } from './action-state.ts';
import type { ActionRow, actionListInput } from './contract.ts';
import { instantOf } from './present-action.ts';

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly decided_at: string;
  readonly agent_id: string;
  readonly agent_slug: string;
  readonly environment: string;
  readonly is_disabled: boolean;
  readonly tool: string;
  readonly decision: Decision;
  readonly risk_score: number;
  readonly risk_band: RiskBand;
  readonly reasons: string;
  readonly session_id: string | null;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly is_cancelled: boolean;
  readonly is_superseded: boolean;
  readonly permit_id: string | null;
  readonly permit_epoch: string | null;
  readonly issued_at: string | null;
  readonly expires_ms: number | null;
  readonly redeemed_ms: number | null;
  readonly redeemed_by: string | null;
  readonly outcome_due_ms: number | null;
  readonly outcome: OutcomeStatus | null;
  readonly outcome_at: string | null;
  readonly is_as_decided: boolean | null;
}

const columns = sql`a.id, a.decided_at::text, a.agent_id, a.agent_slug, ag.environment,
  ag.state = 'disabled' as is_disabled, a.tool,
  a.decision, a.risk_score, a.risk_band, a.reasons::text, a.session_id, a.trace_id, a.span_id,
  a.cancelled_at is not null as is_cancelled, a.superseded_by is not null as is_superseded,
  p.id as permit_id, p.epoch::text as permit_epoch, p.issued_at::text,
  ${msOf('p.expires_at')} as expires_ms, ${msOf('r.redeemed_at')} as redeemed_ms,
  r.redeemed_by_kind as redeemed_by, ${msOf('r.outcome_due_at')} as outcome_due_ms,
  o.status as outcome, o.at::text as outcome_at, o.executed_digest = a.digest as is_as_decided`;

const tables = sql`actions a
  join agents ag on ag.tenant_id = a.tenant_id and ag.id = a.agent_id
  left join outcomes o on o.tenant_id = a.tenant_id and o.action_id = a.id
  left join lateral (select * from permits p where p.tenant_id = a.tenant_id
    and p.action_id = a.id order by p.issued_at desc, p.id desc limit 1) p on true
  left join lateral (select * from permits r where r.tenant_id = a.tenant_id
    and r.action_id = a.id and r.redeemed_at is not null limit 1) r on true`;

/** Actions by a condition, newest first, each in its state of this moment. */
async function selectActions(
  tx: Tx,
  ctx: Ctx,
  condition: SQL,
  limit: number,
): Promise<ActionRow[]> {
  const rows = await tx.execute<Row>(sql`
    select ${columns} from ${tables}
    where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and ${condition}
    order by a.decided_at desc, a.id limit ${limit}`);
  const since = rows.at(-1)?.decided_at ?? 'infinity';
  const stops = await readStopsSince(tx, ctx, since);
  const ids = rows.map((row) => row.id);
  const judging = await judgeApprovals(
    tx,
    ctx,
    sql`ap.action_id = any(${sql.param(ids)}::uuid[])`,
    sql`ap.id`,
    ids.length,
  );
  const approvals = new Map(judging.items.map((item) => [item.record.actionId, item]));
  return rows.map((row) => present(row, stops, approvals.get(idOf('action', row.id))));
}

function present(row: Row, stops: StopsSince, approval: ListedApproval | undefined): ActionRow {
  const agentId = idOf('agent', row.agent_id);
  const covered = haltOf(stops, {
    agentId,
    environment: row.environment,
    sessionId: row.session_id,
    tool: row.tool,
  });
  const { permit_epoch: epoch, expires_ms: expiresAtMs } = row;
  const derived = actionState(
    {
      decision: row.decision,
      approval: approval?.judged.state ?? null,
      useByMs: approval?.judged.useByMs ?? null,
      isCancelled: row.is_cancelled,
      isSuperseded: row.is_superseded,
      isVoid: row.is_disabled && row.redeemed_ms === null,
      permit: epoch === null || expiresAtMs === null ? null : { epoch: Number(epoch), expiresAtMs },
      redeemedAtMs: row.redeemed_ms,
      outcomeDueMs: row.outcome_due_ms,
      outcome: row.outcome,
      stops: covered,
    },
    stops.nowMs,
  );
  return {
    id: idOf('action', row.id),
    at: instantFromDriver(row.decided_at),
    agentId,
    agent: row.agent_slug,
    tool: row.tool,
    decision: row.decision,
    state: derived.state,
    riskScore: row.risk_score,
    band: row.risk_band,
    reasons: JSON.parse(row.reasons) as Reason[],
    sessionId: row.session_id,
    traceId: row.trace_id?.replaceAll('-', '') ?? null,
    spanId: row.span_id,
    approval:
      approval === undefined
        ? null
        : {
            id: approval.record.id,
            state: approval.judged.state,
            fingerprint: approval.record.fingerprint,
            votes: approval.votes.map(({ email, verdict, at }) => ({ label: email, verdict, at })),
            resolvedAt: approval.extras.resolvedAt,
            resolvedBy: approval.extras.resolvedBy,
          },
    ...presentPermit(row, derived.permit),
  };
}

function presentPermit(
  row: Row,
  permitState: ActionRow['permitState'],
): Pick<ActionRow, 'permitState' | 'permit' | 'redeemed' | 'outcome'> {
  const {
    permit_id: id,
    issued_at: issuedAt,
    expires_ms: expiresMs,
    redeemed_ms: redeemedMs,
  } = row;
  const { outcome: status, outcome_at: outcomeAt } = row;
  return {
    permitState,
    permit:
      id === null || issuedAt === null || expiresMs === null
        ? null
        : {
            id: idOf('permit', id),
            issuedAt: instantFromDriver(issuedAt),
            expiresAt: instantOf(expiresMs),
          },
    redeemed:
      redeemedMs === null ? null : { at: instantOf(redeemedMs), by: row.redeemed_by ?? 'agent' },
    outcome:
      status === null || outcomeAt === null
        ? null
        : { status, at: instantFromDriver(outcomeAt), isAsDecided: row.is_as_decided },
  };
}

/** What agents asked, newest first; never an argument. @throws AppError `forbidden`, `bad_request`. */
export async function listActions(
  ctx: Ctx,
  input: z.output<typeof actionListInput>,
): Promise<{ items: ActionRow[]; next: string | null }> {
  requirePermission(ctx, 'actions.read');
  const { agent, tool, traceId, cursor, limit } = input;
  const conditions = [
    agent ? agentIs(agent) : null,
    tool ? sql`a.tool = ${tool}` : null,
    traceId ? sql`a.trace_id = ${traceId}::uuid` : null,
    cursor ? beforeCursor(cursor) : null,
  ].filter((condition) => condition !== null);
  return withRead(ctx, async (tx) => {
    const condition = sql.join([sql`true`, ...conditions], sql` and `);
    const items = await selectActions(tx, ctx, condition, limit + 1);
    const page = items.slice(0, limit);
    const last = page.at(-1);
    const hasMore = items.length > limit && last !== undefined;
    return { items: page, next: hasMore ? `${last.at}~${last.id}` : null };
  });
}

const agentIs = (agent: string) =>
  isId('agent', agent) ? sql`a.agent_id = ${uuidOf(agent)}::uuid` : sql`a.agent_slug = ${agent}`;

function beforeCursor(cursor: string): SQL {
  const [at = '', id = ''] = cursor.split('~');
  if (Number.isNaN(Date.parse(at)) || !isId('action', id)) {
    throw new AppError('bad_request', 'The cursor is none that this list gave out.');
  }
  return sql`(a.decided_at < ${at}::timestamptz
    or (a.decided_at = ${at}::timestamptz and a.id > ${uuidOf(id)}::uuid))`;
}
