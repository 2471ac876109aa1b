import { hotQuery, lastQuery } from '#db/hot-query.ts';
import type { Tx } from '#db/client.ts';
import { actorIdentity, refusalToRecord } from '#server/audit/write-audit.ts';
import type { ApprovalFacts } from '#server/approvals/approval-state.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Evaluation, RiskInput } from '#server/policy/contract.ts';
import type { Ask } from './contract.ts';
import type { AskFacts } from './read-ask-facts.ts';

/** A decision that is about to be written. */
export interface NewAction {
  readonly id: string;
  readonly agent: { readonly id: string; readonly slug: string };
  readonly keyId: string;
  readonly idempotencyKey: string;
  readonly requestDigest: Buffer;
  readonly ask: Ask;
  /** The agent's own words and whom it names, redacted. */
  readonly reason: string | null;
  readonly onBehalfOf: string | null;
  readonly facts: AskFacts;
  /** Who may not vote; null when nobody is asked. */
  readonly excluded: ApprovalFacts['excluded'] | null;
  /** Exact bytes of the arguments. */
  readonly canonical: string;
  readonly evaluation: Evaluation;
  readonly riskInput: RiskInput;
  readonly policyVersion: string;
  readonly nonce: Buffer;
  readonly digest: string;
  readonly epoch: number;
  /** Of the key that signs; null unless the action is allowed. */
  readonly permitKid: string | null;
}

export interface WrittenAction {
  readonly decidedAtMs: number;
  readonly permit: {
    readonly id: string;
    /** Whole seconds since 1970. */
    readonly issuedAt: number;
    readonly expiresAt: number;
  } | null;
}

interface Row {
  readonly decided_ms: number | null;
  readonly issued_at: number | null;
  readonly expires_at: number | null;
}

/**
 * Action, permit and audit row in one statement: nothing of them without the others, and one trip.
 * Times are the database's; a permit begins at a whole second, as its claims do.
 */
const text = `with made as (
  insert into actions (tenant_id, id, agent_id, agent_slug, environment, key_id, idempotency_key,
    request_digest, tool, schema_digest, bound_fields, session_id, trace_id, span_id, instance_id,
    on_behalf_of, reason, derived_from, plan_hash, digest, nonce, decision, risk_score, risk_band,
    risk_factors, risk_input, reasons, policy_version, needs, is_fresh_sign_in_needed)
  values ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::uuid, $7::text, $8::bytea, $9::text,
    $10::text, $11::text[], $12::text, $13::uuid, $14::text, $15::text, $16::text, $17::text,
    $18::text[], $19::text, $20::text, $21::bytea, $22::text, $23::int, $24::text, $25::jsonb,
    $26::jsonb, $27::jsonb, $28::text, $29::int, $30::boolean)
  on conflict on constraint actions_idempotency do nothing
  returning tenant_id, id, decided_at
), moment as materialized (select date_trunc('second', clock_timestamp()) as at),
permit as (
  insert into permits (tenant_id, id, action_id, agent_id, tool, digest, policy_version, epoch, kid,
    issued_at, expires_at)
  select made.tenant_id, $31::uuid, made.id, $3::uuid, $9::text, $20::text, $28::text, $32::bigint,
    $33::text, moment.at, moment.at + make_interval(secs => $34::int)
  from made, moment where $31::uuid is not null
  returning issued_at, expires_at
), noted as (
  insert into audit_log (tenant_id, id, actor_type, actor_id, actor_label, on_behalf_of, action,
    subject_type, subject_id, decision, risk, cause, request_id, detail)
  select made.tenant_id, $35::uuid, $36::text, $37::text, $4::text, coalesce($16::text, 'none'),
    'action.decided', 'action', $38::text, $22::text, $24::text, $39::text, $40::text, $41::jsonb
  from made
)
select (extract(epoch from made.decided_at) * 1000)::float8 as decided_ms,
  extract(epoch from permit.issued_at)::float8 as issued_at,
  extract(epoch from permit.expires_at)::float8 as expires_at
from made left join permit on true`;

/**
 * Writes a decision with its permit and its audit row. Null when the idempotency key is taken: by a
 * request that was decided before, or that another connection has just decided.
 *
 * @param isLast commits in the same trip: nothing else is written in this transaction
 * @throws AppError `idempotency_in_flight` when another request with the key has not finished within
 *   `limits.gateLockMs`; `store_unavailable` when it cannot be written: no audit, no action.
 */
export async function insertAction(
  tx: Tx,
  ctx: Ctx,
  action: NewAction,
  isLast: boolean,
): Promise<WrittenAction | null> {
  const write = isLast ? lastQuery : hotQuery;
  const permitId = action.permitKid === null ? null : newId('permit');
  try {
    const [row] = await write<Row>(tx, text, valuesOf(ctx, action, permitId));
    if (row === undefined || row.decided_ms === null) return null;
    const { issued_at: issuedAt, expires_at: expiresAt } = row;
    return {
      decidedAtMs: row.decided_ms,
      permit:
        permitId === null || issuedAt === null || expiresAt === null
          ? null
          : { id: permitId, issuedAt, expiresAt },
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // The gate is held already, so the only lock waited for here is the first request's row.
    if (code === '55P03') {
      throw new AppError(
        'idempotency_in_flight',
        'The first request with this Idempotency-Key is still being decided; send it again shortly.',
        { cause: error },
      );
    }
    // Which part of the statement failed is not told, and the audit row is one.
    throw refusalToRecord(error);
  }
}

const earlier = `select id from actions
  where tenant_id = $1::uuid and agent_id = $2::uuid and idempotency_key = $3::text`;

/** The action that an agent asked for under this key. */
export async function findEarlierAction(
  tx: Tx,
  ctx: Ctx,
  agentId: string,
  idempotencyKey: string,
): Promise<string | null> {
  const values = [uuidOf(ctx.tenantId), uuidOf(agentId), idempotencyKey];
  const [row] = await hotQuery<{ id: string }>(tx, earlier, values);
  return row === undefined ? null : idOf('action', row.id);
}

function valuesOf(ctx: Ctx, action: NewAction, permitId: string | null): unknown[] {
  const { ask, facts, evaluation } = action;
  return [
    uuidOf(ctx.tenantId),
    uuidOf(action.id),
    uuidOf(action.agent.id),
    action.agent.slug,
    facts.environment,
    uuidOf(action.keyId),
    action.idempotencyKey,
    action.requestDigest,
    ask.tool,
    facts.schemaDigest,
    facts.boundFields,
    ask.sessionId ?? null,
    ask.traceId ?? null,
    ask.spanId ?? null,
    ask.instanceId ?? null,
    action.onBehalfOf,
    action.reason,
    ask.derivedFrom,
    ask.planHash ?? null,
    action.digest,
    action.nonce,
    evaluation.decision,
    evaluation.risk.score,
    evaluation.risk.band,
    JSON.stringify(evaluation.risk.factors),
    JSON.stringify(action.riskInput),
    JSON.stringify(evaluation.reasons),
    action.policyVersion,
    evaluation.needs,
    evaluation.isFreshSignInNeeded,
    permitId === null ? null : uuidOf(permitId),
    action.epoch,
    action.permitKid,
    limits.permitSeconds,
    uuidOf(newId('audit')),
    ctx.actor.type,
    actorIdentity(ctx.actor).id,
    action.id,
    evaluation.reasons.map(({ code }) => code).join(', '),
    ctx.requestId,
    JSON.stringify({
      tool: ask.tool,
      score: evaluation.risk.score,
      digest: action.digest,
      policyVersion: action.policyVersion,
      permit: permitId,
    }),
  ];
}
