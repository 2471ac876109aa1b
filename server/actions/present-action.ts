import type { HoldTools } from '#server/approvals/hold-tools.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { ActionAnswer } from './contract.ts';
import type { Decided } from './decide-action.ts';
import { signPermit } from './sign-permit.ts';

/** Of a decision: why not, in one sentence; null unless it was denied. */
export function denialOf(
  decision: ActionAnswer['decision'],
  reasons: readonly { readonly detail: string }[],
): string | null {
  return decision === 'deny' ? (reasons.at(-1)?.detail ?? 'It was denied.') : null;
}

/** Milliseconds since 1970 as RFC 3339 UTC. */
export const instantOf = (ms: number): string => new Date(ms).toISOString();

/** The answer to a decision that was just written: everything of it is known, nothing is read again. */
export async function presentNewAction(
  ctx: Ctx,
  tools: HoldTools,
  { action, written, approval }: Decided,
): Promise<ActionAnswer> {
  const { evaluation } = action;
  const { permit } = written;
  const signed =
    permit === null
      ? null
      : signPermit(ctx, tools, {
          ...permit,
          actionId: action.id,
          agentId: action.agent.id,
          tool: action.ask.tool,
          digest: action.digest,
          nonce: action.nonce,
          policyVersion: action.policyVersion,
          epoch: action.epoch,
          isEdited: false,
        });
  return {
    id: action.id,
    ...fresh[evaluation.decision],
    decision: evaluation.decision,
    risk: evaluation.risk,
    reasons: evaluation.reasons,
    policyVersion: action.policyVersion,
    obligations: [],
    approval: approval === null ? null : { ...approval, needs: evaluation.needs, votes: 0 },
    permit: signed,
    permitExpiresAt: permit === null ? null : instantOf(permit.expiresAt * 1000),
    permitState: permit === null ? null : 'live',
    editedArgs: null,
    denyReason: denialOf(evaluation.decision, evaluation.reasons),
  };
}

const fresh = {
  allow: { state: 'allowed', next: 'run' },
  hold: { state: 'held', next: 'wait' },
  deny: { state: 'denied', next: 'stop' },
} as const;
