import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { hotQuery } from '#db/hot-query.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { Decision, OutcomeStatus, RiskBand } from '#db/enums.ts';
import { msOf } from '#server/approvals/read-approval.ts';
import type { GateSubject } from '#server/gate/contract.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, isId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import {
  type Reason,
  type RiskFactor,
  type RiskInput,
  riskInputSchema,
} from '#server/policy/contract.ts';

/** The latest permit of an action. */
export interface PermitRecord {
  readonly id: string;
  readonly epoch: number;
  readonly kid: string;
  readonly policyVersion: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** An action as stored, with its latest permit, its redeem and its outcome. */
export interface ActionRecord {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly agentId: string;
  readonly agentSlug: string;
  readonly requestDigest: Buffer;
  readonly tool: string;
  readonly schemaDigest: string;
  readonly boundFields: readonly string[] | null;
  readonly planHash: string | null;
  readonly digest: string;
  /** Null once it is erased: then nothing can be compared or permitted any more. */
  readonly nonce: Buffer | null;
  readonly decision: Decision;
  readonly risk: {
    readonly score: number;
    readonly band: RiskBand;
    readonly factors: readonly RiskFactor[];
  };
  readonly riskInput: RiskInput;
  readonly reasons: readonly Reason[];
  readonly policyVersion: string;
  readonly needs: number;
  readonly isFreshSignInNeeded: boolean;
  /** How often reviewers changed its arguments. */
  readonly edits: number;
  readonly decidedAt: string;
  readonly isCancelled: boolean;
  readonly isSuperseded: boolean;
  readonly approvalId: string | null;
  readonly permit: PermitRecord | null;
  readonly redeemedAtMs: number | null;
  readonly outcomeDueMs: number | null;
  readonly outcome: OutcomeStatus | null;
  /** What a stop would have to cover. */
  readonly subject: GateSubject;
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly agent_id: string;
  readonly agent_slug: string;
  readonly request_digest: Buffer;
  readonly tool: string;
  readonly schema_digest: string;
  readonly bound_fields: string[] | null;
  readonly plan_hash: string | null;
  readonly digest: string;
  readonly nonce: Buffer | null;
  readonly decision: Decision;
  readonly risk_score: number;
  readonly risk_band: RiskBand;
  readonly risk_factors: string;
  readonly risk_input: string;
  readonly reasons: string;
  readonly policy_version: string;
  readonly needs: number;
  readonly is_fresh_sign_in_needed: boolean;
  readonly edits: number;
  readonly decided_at: string;
  readonly is_cancelled: boolean;
  readonly is_superseded: boolean;
  readonly session_id: string | null;
  readonly approval_id: string | null;
  readonly permit_id: string | null;
  readonly permit_epoch: string | null;
  readonly kid: string | null;
  readonly permit_policy: string | null;
  readonly issued_ms: number | null;
  readonly expires_ms: number | null;
  readonly redeemed_ms: number | null;
  readonly outcome_due_ms: number | null;
  readonly outcome: OutcomeStatus | null;
}

/**
 * Holds an action's row until the end of the transaction; false when it is not of this tenant. What is
 * asked after it without waiting for its answer is sent behind it, and sees what it waited for.
 */
export async function lockAction(tx: Tx, ctx: Ctx, id: string): Promise<boolean> {
  if (!isId('action', id)) return false;
  const rows = await hotQuery(tx, lockText, [uuidOf(ctx.tenantId), uuidOf(id)]);
  return rows.length > 0;
}

const lockText = 'select 1 from actions where tenant_id = $1::uuid and id = $2::uuid for update';

/**
 * One action; null when there is none of this id in this tenant. The redeem is that of any of its
 * permits, the permit the latest one.
 */
export async function readActionRecord(tx: Tx, ctx: Ctx, id: string): Promise<ActionRecord | null> {
  if (!isId('action', id)) return null;
  const [row] = await tx.execute<Row>(sql`
    select a.id, a.agent_id, a.agent_slug, a.request_digest, a.tool, a.schema_digest,
      a.bound_fields, a.plan_hash, a.digest, a.nonce, a.decision, a.risk_score, a.risk_band,
      a.risk_factors::text, a.risk_input::text, a.reasons::text, a.policy_version, a.needs,
      a.is_fresh_sign_in_needed, a.edits, a.decided_at::text, a.cancelled_at is not null as is_cancelled,
      a.superseded_by is not null as is_superseded, a.session_id, ap.id as approval_id,
      p.id as permit_id, p.epoch::text as permit_epoch, p.kid, p.policy_version as permit_policy,
      ${msOf('p.issued_at')} as issued_ms, ${msOf('p.expires_at')} as expires_ms,
      ${msOf('r.redeemed_at')} as redeemed_ms, ${msOf('r.outcome_due_at')} as outcome_due_ms,
      o.status as outcome
    from actions a
    left join approvals ap on ap.tenant_id = a.tenant_id and ap.action_id = a.id
    left join outcomes o on o.tenant_id = a.tenant_id and o.action_id = a.id
    left join lateral (select * from permits p where p.tenant_id = a.tenant_id
      and p.action_id = a.id order by p.issued_at desc, p.id desc limit 1) p on true
    left join lateral (select * from permits r where r.tenant_id = a.tenant_id
      and r.action_id = a.id and r.redeemed_at is not null limit 1) r on true
    where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and a.id = ${uuidOf(id)}::uuid`);
  return row === undefined ? null : recordOf(ctx.tenantId, row);
}

function recordOf(tenantId: TenantId, row: Row): ActionRecord {
  const agentId = idOf('agent', row.agent_id);
  return {
    tenantId,
    id: idOf('action', row.id),
    agentId,
    agentSlug: row.agent_slug,
    requestDigest: row.request_digest,
    tool: row.tool,
    schemaDigest: row.schema_digest,
    boundFields: row.bound_fields,
    planHash: row.plan_hash,
    digest: row.digest,
    nonce: row.nonce,
    decision: row.decision,
    risk: {
      score: row.risk_score,
      band: row.risk_band,
      factors: JSON.parse(row.risk_factors) as RiskFactor[],
    },
    riskInput: riskInputSchema.parse(JSON.parse(row.risk_input)),
    reasons: JSON.parse(row.reasons) as Reason[],
    policyVersion: row.policy_version,
    needs: row.needs,
    isFreshSignInNeeded: row.is_fresh_sign_in_needed,
    edits: row.edits,
    decidedAt: instantFromDriver(row.decided_at),
    isCancelled: row.is_cancelled,
    isSuperseded: row.is_superseded,
    approvalId: row.approval_id === null ? null : idOf('approval', row.approval_id),
    permit: permitOf(row),
    redeemedAtMs: row.redeemed_ms,
    outcomeDueMs: row.outcome_due_ms,
    outcome: row.outcome,
    subject: { agentId, environment: null, sessionId: row.session_id, tool: row.tool },
  };
}

function permitOf(row: Row): PermitRecord | null {
  const { permit_id: id, kid, permit_policy: policyVersion } = row;
  const { issued_ms: issuedAtMs, expires_ms: expiresAtMs } = row;
  if (id === null || kid === null || policyVersion === null) return null;
  if (issuedAtMs === null || expiresAtMs === null) return null;
  return {
    id: idOf('permit', id),
    epoch: Number(row.permit_epoch),
    kid,
    policyVersion,
    issuedAtMs,
    expiresAtMs,
  };
}
