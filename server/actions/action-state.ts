import type { Decision, OutcomeStatus } from '#db/enums.ts';
import type { ApprovalState } from '#server/approvals/states.ts';
import type { PermitState } from '#server/permits/contract.ts';
import { permitState, type PermitStateFacts } from '#server/permits/permit-state.ts';
import type { ActionState, NextStep } from './contract.ts';

/** Everything an action's state follows from; read in one transaction. */
export interface ActionFacts extends PermitStateFacts {
  readonly decision: Decision;
  /** Of a held action, derived; null for the others. */
  readonly approval: ApprovalState | null;
  /** When an approved action can no longer get a permit; null unless approved. */
  readonly useByMs: number | null;
  readonly isCancelled: boolean;
  readonly isSuperseded: boolean;
  /** What was granted holds no more: the policy asks for more than it did, or the agent is disabled. */
  readonly isVoid: boolean;
  /** When the outcome is owed; null before the redeem. */
  readonly outcomeDueMs: number | null;
  readonly outcome: OutcomeStatus | null;
}

export interface DerivedState {
  readonly state: ActionState;
  /** Null where none was ever issued. */
  readonly permit: PermitState | null;
  readonly next: NextStep;
}

/**
 * The state of an action at `nowMs`, the database's clock: the one place where decision, approval,
 * permit, outcome and stops come together. Pure.
 */
export function actionState(facts: ActionFacts, nowMs: number): DerivedState {
  const permit = permitState(facts, nowMs);
  const state = stateOf(facts, permit, nowMs);
  return { state, permit, next: nextStep(facts, state, permit) };
}

function stateOf(facts: ActionFacts, permit: PermitState | null, nowMs: number): ActionState {
  if (facts.redeemedAtMs !== null) return afterRedeem(facts, nowMs);
  if (facts.isCancelled) return 'cancelled';
  if (facts.isSuperseded) return 'superseded';
  if (facts.decision === 'deny') return 'denied';
  if (facts.decision === 'allow') {
    if (permit === 'halted') return 'invalidated';
    if (permit !== 'live') return 'expired';
    return facts.isVoid ? 'invalidated' : 'allowed';
  }
  return stateOfHeld(facts, permit, nowMs);
}

function afterRedeem(facts: ActionFacts, nowMs: number): ActionState {
  if (facts.outcome === 'succeeded') return 'executed';
  if (facts.outcome === 'failed') return 'failed';
  const isOverdue = facts.outcomeDueMs !== null && nowMs >= facts.outcomeDueMs;
  return isOverdue ? 'outcome_unknown' : 'redeemed';
}

function stateOfHeld(facts: ActionFacts, permit: PermitState | null, nowMs: number): ActionState {
  switch (facts.approval) {
    case 'pending':
      return 'held';
    case 'approved':
      if (facts.isVoid) return 'invalidated';
      if (facts.stops.isHalted) return 'frozen';
      if (permit === 'live') return 'approved';
      return facts.useByMs !== null && nowMs < facts.useByMs ? 'approved' : 'expired';
    case 'frozen':
    case 'denied':
    case 'expired':
    case 'cancelled':
    case 'superseded':
    case 'invalidated':
      return facts.approval;
    // A held action without a request is none that may ever run.
    case null:
      return 'invalidated';
  }
}

function nextStep(facts: ActionFacts, state: ActionState, permit: PermitState | null): NextStep {
  if (facts.stops.isHalted && !isOver(state)) return 'wait';
  return nextSteps[state](permit);
}

const isOver = (state: ActionState) =>
  state !== 'held' && state !== 'frozen' && state !== 'approved';

const nextSteps: Readonly<Record<ActionState, (permit: PermitState | null) => NextStep>> = {
  allowed: (permit) => (permit === 'live' ? 'run' : 'ask_again'),
  held: () => 'wait',
  frozen: () => 'wait',
  approved: (permit) => (permit === 'live' ? 'run' : 'wait'),
  denied: () => 'stop',
  cancelled: () => 'stop',
  superseded: () => 'stop',
  expired: () => 'ask_again',
  invalidated: () => 'ask_again',
  redeemed: () => 'stop',
  executed: () => 'stop',
  failed: () => 'stop',
  outcome_unknown: () => 'stop',
};

/**
 * Whether a permit may be issued now: an allowed action never gets a second one; an approved one gets
 * another as long as it may be used and none is live.
 */
export function mayIssueAgain(facts: ActionFacts, nowMs: number): boolean {
  const derived = actionState(facts, nowMs);
  return (
    facts.decision === 'hold' &&
    derived.state === 'approved' &&
    derived.permit !== 'live' &&
    !facts.stops.isHalted &&
    facts.useByMs !== null &&
    nowMs < facts.useByMs
  );
}
