import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { Decision, OutcomeStatus } from '#db/enums.ts';
import { instantFromDriver } from '#db/columns.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { ActionChain, ChainAnswer } from './contract.ts';

interface ChainRow extends Record<string, unknown> {
  readonly id: string;
  readonly agent_slug: string;
  readonly tool: string;
  readonly decision: Decision;
  readonly decided_at: string;
  readonly approval_id: string | null;
  readonly result: string | null;
  readonly resolved_at: string | null;
  readonly permit_id: string | null;
  readonly issued_at: string | null;
  readonly expires_at: string | null;
  readonly redeemed_at: string | null;
  readonly redeemed_by_kind: string | null;
  readonly event_id: string | null;
  readonly call_trace: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly status: OutcomeStatus | null;
  readonly outcome_at: string | null;
  readonly is_as_decided: boolean | null;
}

interface LooseRow extends Record<string, unknown> {
  readonly event_id: string;
  readonly trace_id: string;
  readonly agent_slug: string;
  readonly tool: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly permit: string | null;
}

/**
 * Decision, permit, redeem, telemetry of the call and outcome, joined: of one action, or of all of a
 * trace with the governed calls that no action stands behind. Never an argument.
 * @throws AppError `forbidden`, `not_found` for an action that is not of this tenant.
 */
export async function readActionChain(
  ctx: Ctx,
  of: { readonly actionId: string } | { readonly traceId: string },
): Promise<ChainAnswer> {
  requirePermission(ctx, 'actions.read');
  if ('actionId' in of && !isId('action', of.actionId)) throw noSuchAction();
  return withRead(ctx, async (tx) => {
    const actions = (await selectChains(tx, ctx, of)).map(chainOf);
    if ('traceId' in of) return { actions, loose: await selectLoose(tx, ctx, of.traceId) };
    if (actions.length === 0) throw noSuchAction();
    return { actions, loose: [] };
  });
}

const noSuchAction = () => new AppError('not_found', 'There is no such action in this tenant.');

function selectChains(
  tx: Tx,
  ctx: Ctx,
  of: { readonly actionId: string } | { readonly traceId: string },
) {
  const which =
    'actionId' in of
      ? sql`a.id = ${uuidOf(of.actionId)}::uuid`
      : sql`(a.trace_id = ${of.traceId}::uuid or a.id in (select action_id from governed_calls
          where tenant_id = a.tenant_id and trace_id = ${of.traceId}::uuid))`;
  return tx.execute<ChainRow>(sql`
    select a.id, a.agent_slug, a.tool, a.decision, a.decided_at::text,
      ap.id as approval_id, ap.result, ap.resolved_at::text,
      p.id as permit_id, p.issued_at::text, p.expires_at::text, p.redeemed_at::text,
      p.redeemed_by_kind, c.event_id, c.trace_id::text as call_trace, c.started_at::text,
      c.ended_at::text, o.status, o.at::text as outcome_at,
      o.executed_digest = a.digest as is_as_decided
    from actions a
    left join approvals ap on ap.tenant_id = a.tenant_id and ap.action_id = a.id
    left join lateral (select * from permits p where p.tenant_id = a.tenant_id
      and p.action_id = a.id order by p.redeemed_at is null, p.issued_at desc limit 1) p on true
    left join governed_calls c on c.tenant_id = a.tenant_id and c.action_id = a.id
    left join outcomes o on o.tenant_id = a.tenant_id and o.action_id = a.id
    where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and ${which}
    order by a.decided_at, a.id
    limit ${limits.chainActionsMax}`);
}

const time = (value: string | null) => (value === null ? '' : instantFromDriver(value));

function chainOf(row: ChainRow): ActionChain {
  const { event_id: eventId, call_trace: traceId, result, status } = row;
  return {
    actionId: idOf('action', row.id),
    agent: row.agent_slug,
    tool: row.tool,
    decision: row.decision,
    decidedAt: time(row.decided_at),
    approvalId: row.approval_id === null ? null : idOf('approval', row.approval_id),
    approval:
      result === null
        ? null
        : { result, at: row.resolved_at && instantFromDriver(row.resolved_at) },
    permit:
      row.permit_id === null
        ? null
        : {
            id: idOf('permit', row.permit_id),
            issuedAt: time(row.issued_at),
            expiresAt: time(row.expires_at),
          },
    redeem:
      row.redeemed_at === null
        ? null
        : { at: time(row.redeemed_at), by: row.redeemed_by_kind ?? 'agent' },
    call:
      eventId === null || traceId === null
        ? null
        : {
            eventId,
            traceId: traceId.replaceAll('-', ''),
            startedAt: time(row.started_at),
            endedAt: time(row.ended_at),
          },
    outcome:
      status === null ? null : { status, at: time(row.outcome_at), isAsDecided: row.is_as_decided },
  };
}

async function selectLoose(tx: Tx, ctx: Ctx, traceId: string): Promise<ChainAnswer['loose']> {
  const rows = await tx.execute<LooseRow>(sql`
    select event_id, trace_id::text, agent_slug, tool, started_at::text, ended_at::text, permit
    from governed_calls
    where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and trace_id = ${traceId}::uuid
      and action_id is null
    order by started_at, event_id
    limit ${limits.chainActionsMax}`);
  return rows.map((row) => ({
    eventId: row.event_id,
    traceId: row.trace_id.replaceAll('-', ''),
    agent: row.agent_slug,
    tool: row.tool,
    startedAt: time(row.started_at),
    endedAt: time(row.ended_at),
    permit: row.permit,
  }));
}
