import { hotQuery } from '#db/hot-query.ts';
import type { Tx } from '#db/client.ts';
import type { AgentState, EffectClass } from '#db/enums.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import type { Evaluation, RiskInput } from '#server/policy/contract.ts';
import { evaluateAction, isTighter } from '#server/policy/evaluate-action.ts';
import { policyVersionOf } from '#server/policy/policy-version.ts';
import type { ActionRecord } from './read-action-record.ts';
import { digestOfSchema, toolOf } from './read-ask-facts.ts';

/** How the policy of this moment stands to a decision of the past. */
export interface PolicyNow {
  /** It asks for more than it did. */
  readonly isTighter: boolean;
  readonly isSchemaChanged: boolean;
  readonly isAgentDisabled: boolean;
}

/** The tools table and the agent at one moment, for one action. */
export interface PolicyRow {
  readonly agent_state: AgentState;
  readonly has_policy: boolean;
  readonly is_known: boolean;
  readonly reversibility: number | null;
  readonly sensitivity: number | null;
  readonly blast_radius: number | null;
  readonly effect_class: EffectClass | null;
  readonly schema: string | null;
}

const text = `select ag.state as agent_state,
  exists (select 1 from tools where tenant_id = $1::uuid) as has_policy,
  t.id is not null as is_known, t.reversibility, t.sensitivity, t.blast_radius, t.effect_class,
  t.schema::text as schema
from agents ag left join tools t on t.tenant_id = ag.tenant_id and t.name = $3::text
where ag.tenant_id = $1::uuid and ag.id = $2::uuid`;

/** An action judged again with other arguments, under the tools table of now. */
export interface JudgedAgain {
  readonly evaluation: Evaluation;
  readonly riskInput: RiskInput;
  readonly policyVersion: string;
  readonly isSchemaChanged: boolean;
  /** JSON text of the tool's schema of now. */
  readonly schema: string | null;
}

/**
 * What the policy of now says of an action with these measures, in the circumstances of then. An argument
 * whose name `isEdited` holds true of comes from whoever edited it, no longer from where the agent read it.
 * @throws AppError `denied` when the agent is gone
 */
export async function judgeAgain(
  tx: Tx,
  ctx: Ctx,
  record: Pick<ActionRecord, 'agentId' | 'tool' | 'riskInput' | 'schemaDigest'>,
  measures: RiskInput['measures'],
  isEdited: (name: string) => boolean = () => false,
): Promise<JudgedAgain> {
  const row = await readPolicyRow(tx, ctx, record);
  if (row === undefined) throw new AppError('denied', 'The agent of this action is gone.');
  const { untrustedArguments: found, ...then } = record.riskInput;
  const riskInput: RiskInput = { ...then, measures, tool: toolOf(row, record.tool) };
  if (found !== undefined) {
    const links = found.links.filter(({ argument }) => !isEdited(argument));
    riskInput.untrustedArguments = { ...found, links };
  }
  return {
    evaluation: evaluationOf(row, riskInput),
    riskInput,
    policyVersion: policyVersionOf(riskInput.tool),
    isSchemaChanged: digestOfSchema(row.schema) !== record.schemaDigest,
    schema: row.schema,
  };
}

/** Undefined when the agent is gone. */
export async function readPolicyRow(
  tx: Tx,
  ctx: Ctx,
  { agentId, tool }: Pick<ActionRecord, 'agentId' | 'tool'>,
): Promise<PolicyRow | undefined> {
  const [row] = await hotQuery<PolicyRow>(tx, text, [uuidOf(ctx.tenantId), uuidOf(agentId), tool]);
  return row;
}

const evaluationOf = (row: PolicyRow, risk: RiskInput): Evaluation =>
  evaluateAction({ hasPolicy: row.has_policy, agentState: row.agent_state, risk });

/** {@link policyNow} of what is read for it. */
export async function readPolicyNow(tx: Tx, ctx: Ctx, record: JudgedRecord): Promise<PolicyNow> {
  return policyNow(await readPolicyRow(tx, ctx, record), record);
}

/** What of an action is judged again. */
type JudgedRecord = Pick<
  ActionRecord,
  'agentId' | 'tool' | 'riskInput' | 'schemaDigest' | 'decision' | 'needs' | 'isFreshSignInNeeded'
>;

/**
 * Judges an action again: with the circumstances and measures of then and the tools table of now.
 * What cannot be read counts as changed. Pure.
 */
export function policyNow(row: PolicyRow | undefined, record: JudgedRecord): PolicyNow {
  if (row === undefined) return { isTighter: true, isSchemaChanged: true, isAgentDisabled: true };
  const now = evaluationOf(row, { ...record.riskInput, tool: toolOf(row, record.tool) });
  return {
    isTighter: isTighter(record, now),
    isSchemaChanged: digestOfSchema(row.schema) !== record.schemaDigest,
    isAgentDisabled: row.agent_state === 'disabled',
  };
}
