import { randomBytes } from 'node:crypto';
import { completeArguments } from '#server/agents/argument-schema.ts';
import type { ApprovalFacts } from '#server/approvals/approval-state.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import type { Coverage } from '#server/gate/read-coverage.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';
import { boundArguments, canonicaliseArguments } from '#server/permits/canonicalise.ts';
import { bindingDigest } from '#server/permits/digest.ts';
import type { Evaluation, RiskInput } from '#server/policy/contract.ts';
import { evaluateAction } from '#server/policy/evaluate-action.ts';
import { measureArguments } from '#server/policy/measure-arguments.ts';
import { policyVersionOf } from '#server/policy/policy-version.ts';
import type { Ask } from './contract.ts';
import type { NewAction } from './insert-action.ts';
import type { AskFacts } from './read-ask-facts.ts';

export type UntrustedArguments = NonNullable<RiskInput['untrustedArguments']>;

/** What is prepared before the transaction: nothing of it needs the database. */
export interface Prepared {
  readonly ask: Ask;
  readonly idempotencyKey: string;
  readonly agent: { readonly id: string; readonly slug: string };
  readonly keyId: string;
  readonly canonical: string;
  readonly requestDigest: Buffer;
  readonly reason: string | null;
  readonly onBehalfOf: string | null;
  readonly measures: RiskInput['measures'];
}

/** What is known when the gate is had. */
export interface Known {
  readonly coverage: Coverage;
  readonly facts: AskFacts;
  /** Null until it was looked for. */
  readonly provenance: UntrustedArguments | null;
}

/**
 * The call as the tool will see it: checked, and with its defaults, before anything is measured or bound.
 * Null when it does not fit.
 */
export function completed(prepared: Prepared, { argumentSchema }: AskFacts): Prepared | null {
  if (argumentSchema === null) return prepared;
  const fitted = completeArguments(argumentSchema, prepared.ask.args);
  if (fitted.fault !== null) return null;
  const { args } = fitted;
  return {
    ...prepared,
    ask: { ...prepared.ask, args },
    canonical: canonicaliseArguments(args),
    measures: measureArguments(args),
  };
}

/** What the policy says of an ask. */
export interface Judgement {
  readonly riskInput: RiskInput;
  readonly evaluation: Evaluation;
  /** Who may not vote; null when nobody is asked. */
  readonly excluded: ApprovalFacts['excluded'] | null;
}

/** Judges an ask by its facts; whether anybody could approve what is held is not known here. Pure. */
export function judgeAsk({ measures }: Prepared, { facts, provenance }: Known): Judgement {
  // Read ahead where taint was likely, it says nothing of an upstream that is found clean.
  const isRead = provenance !== null && facts.hasUntrustedUpstream === true;
  const riskInput: RiskInput = {
    tool: facts.tool,
    measures,
    hasUntrustedUpstream: facts.hasUntrustedUpstream,
    ...(isRead ? { untrustedArguments: provenance } : {}),
    isFirstUse: facts.isFirstUse,
    openAlerts: facts.openAlerts,
    environment: facts.environment,
  };
  const { hasPolicy, agentState } = facts;
  const evaluation = evaluateAction({ hasPolicy, agentState, risk: riskInput });
  return { riskInput, evaluation, excluded: null };
}

/** The action as it is about to be written, bound to its arguments under a nonce of its own. */
export function newAction(
  ctx: Ctx,
  tools: HoldTools,
  prepared: Prepared,
  { coverage, facts }: Known,
  judged: Judgement,
): NewAction {
  const { ask, agent } = prepared;
  const id = newId('action');
  const nonce = randomBytes(16);
  const digest = bindingDigest({
    tenantId: ctx.tenantId,
    agentId: agent.id,
    actionId: id,
    tool: ask.tool,
    schema: facts.schemaDigest,
    nonce: nonce.toString('base64url'),
    args: boundArguments(ask.args, facts.boundFields),
    plan: ask.planHash ?? null,
  });
  return {
    ...prepared,
    ...judged,
    id,
    facts,
    policyVersion: policyVersionOf(facts.tool),
    nonce,
    digest,
    epoch: coverage.epoch,
    permitKid: judged.evaluation.decision === 'allow' ? tools.permitKey.kid : null,
  };
}
