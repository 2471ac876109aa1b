import type { AgentState, RiskBand } from '#db/enums.ts';
import { assessRisk } from './assess-risk.ts';
import type { Evaluation, Reason, RiskInput } from './contract.ts';

/** What is asked of people before an action of this band may run. */
export const bandRules = {
  low: { needs: 0, isFreshSignInNeeded: false, windowSeconds: 0 },
  medium: { needs: 1, isFreshSignInNeeded: false, windowSeconds: 60 * 60 },
  high: { needs: 1, isFreshSignInNeeded: true, windowSeconds: 30 * 60 },
  critical: { needs: 2, isFreshSignInNeeded: true, windowSeconds: 15 * 60 },
} as const satisfies Record<
  RiskBand,
  Pick<Evaluation, 'needs' | 'isFreshSignInNeeded' | 'windowSeconds'>
>;

/** What a decision is made from; all of it read before. */
export interface PolicyInput {
  /** Whether the tenant has any tools table: without one nothing is allowed. */
  readonly hasPolicy: boolean;
  readonly agentState: AgentState;
  readonly risk: RiskInput;
}

/**
 * Allow, hold or deny, with its reasons. The tools table is the policy: no table denies everything, a
 * tool that is not in it is held as the worst. Pure.
 */
export function evaluateAction({ hasPolicy, agentState, risk: input }: PolicyInput): Evaluation {
  const risk = assessRisk(input);
  const refusal = refusalOf(hasPolicy, agentState);
  if (refusal !== null) {
    return { decision: 'deny', risk, reasons: [refusal], ...bandRules.low };
  }
  const rules = bandRules[risk.band];
  const reasons: Reason[] = [
    { code: `band_${risk.band}`, detail: `Risk ${risk.score} of 100 is ${risk.band}.` },
  ];
  if (!input.tool.isKnown) {
    reasons.push({
      code: 'unknown_tool',
      detail:
        'Nobody registered this tool, so it counts as the worst; add it under Settings, Tools.',
    });
  }
  return { decision: rules.needs === 0 ? 'allow' : 'hold', risk, reasons, ...rules };
}

function refusalOf(hasPolicy: boolean, agentState: AgentState): Reason | null {
  if (!hasPolicy) {
    return {
      code: 'no_policy',
      detail: 'This tenant has no tools table; an admin adds tools first.',
    };
  }
  if (agentState === 'disabled') {
    return { code: 'agent_disabled', detail: 'This agent is disabled; an admin can enable it.' };
  }
  return null;
}

const strictness = { allow: 0, hold: 1, deny: 2 } as const;

/**
 * Whether `now` asks for more than `then` did: a stricter verdict, more people, or a fresh sign-in
 * that was not asked for. A permit of `then` is not redeemed under such a policy.
 */
export function isTighter(
  then: Pick<Evaluation, 'decision' | 'needs' | 'isFreshSignInNeeded'>,
  now: Pick<Evaluation, 'decision' | 'needs' | 'isFreshSignInNeeded'>,
): boolean {
  return (
    strictness[now.decision] > strictness[then.decision] ||
    now.needs > then.needs ||
    (now.isFreshSignInNeeded && !then.isFreshSignInNeeded)
  );
}
