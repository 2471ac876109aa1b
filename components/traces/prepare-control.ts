import type { PlacedScope } from '#server/gate/contract.ts';
import { isMember } from '../stops/suggest-scope.ts';

/** One action of a trace with all that came of it. Times are Signalbox's clock, in microseconds. */
export interface TracedAction {
  readonly id: string;
  readonly agentId: string;
  readonly agent: string;
  readonly environment: string;
  readonly sessionId: string | null;
  readonly tool: string;
  readonly decision: 'allow' | 'hold' | 'deny';
  readonly decidedAtUs: number;
  /** How the approval ended; null while it has not, and for what was never held. */
  readonly resolved: { readonly state: string; readonly atUs: number } | null;
  /** Oldest first: a stop can end one, and another follow after the lift. */
  readonly permits: readonly {
    readonly issuedAtUs: number;
    readonly expiresAtUs: number;
    readonly redeemedAtUs: number | null;
  }[];
  readonly outcome: { readonly status: string; readonly atUs: number } | null;
}

/** A stop that concerned an agent of the trace. */
export interface TracedStop {
  readonly id: string;
  readonly scope: PlacedScope;
  readonly placedBy: string;
  readonly placedAtUs: number;
  readonly acknowledgedAtUs: number | null;
  readonly liftedAtUs: number | null;
}

export type PermitAt = 'none' | 'live' | 'expired' | 'redeemed' | 'halted';

/** What was the case at one moment, as far as Signalbox decided it. */
export interface ControlState {
  /** Actions that had been decided, in that order, each as it stood then. */
  readonly actions: readonly {
    readonly action: TracedAction;
    /** `held`, `allowed`, `denied`, `approved`, `redeemed`, `succeeded`, `failed`, … */
    readonly state: string;
    readonly permit: PermitAt;
  }[];
  /** Stops in force, in the order in which they were placed. */
  readonly stops: readonly { readonly stop: TracedStop; readonly isDraining: boolean }[];
}

/** One thing that happened on the control plane, as the timeline marks it. */
export interface ControlMark {
  readonly atUs: number;
  readonly kind: 'decision' | 'permit' | 'redeem' | 'outcome' | 'stop' | 'lift';
  /** `held send_money`, `stop of agent billing-bot confirmed`. */
  readonly label: string;
}

const decisionWords = { allow: 'allowed', hold: 'held', deny: 'denied' } as const;

function stateAt(action: TracedAction, atUs: number): string {
  const { outcome, permits, resolved } = action;
  if (outcome !== null && outcome.atUs <= atUs) return outcome.status;
  if (permits.some((permit) => (permit.redeemedAtUs ?? Infinity) <= atUs)) return 'redeemed';
  if (resolved !== null && resolved.atUs <= atUs) return resolved.state;
  return decisionWords[action.decision];
}

/** Whether a stop covers an action: by any of its parts. */
function covers(scope: PlacedScope, action: TracedAction): boolean {
  switch (scope.kind) {
    case 'tenant':
      return true;
    case 'agent':
      return scope.id === action.agentId;
    case 'environment':
      return scope.id === action.environment;
    case 'session':
      return scope.id === action.sessionId;
    case 'tool':
      return scope.id === action.tool;
    case 'tree':
      return isMember(scope, action.agentId);
    case 'credential':
      return false;
  }
}

function permitAt(action: TracedAction, stops: readonly TracedStop[], atUs: number): PermitAt {
  const permit = action.permits.findLast((one) => one.issuedAtUs <= atUs);
  if (permit === undefined) return 'none';
  if (permit.redeemedAtUs !== null && permit.redeemedAtUs <= atUs) return 'redeemed';
  // A stop placed since ends it for good, also after the lift.
  const isHalted = stops.some(
    (stop) =>
      stop.placedAtUs >= permit.issuedAtUs && stop.placedAtUs <= atUs && covers(stop.scope, action),
  );
  if (isHalted) return 'halted';
  return atUs < permit.expiresAtUs ? 'live' : 'expired';
}

/**
 * The control plane as it stood at `atUs`, from what had happened up to and including that moment. A
 * stop counts from the instant at which it was placed, since it is enforced from there on; it drains
 * until it is acknowledged. Pure; nothing here knows what came later.
 */
export function foldControlState(
  actions: readonly TracedAction[],
  stops: readonly TracedStop[],
  atUs: number,
): ControlState {
  return {
    actions: actions
      .filter((action) => action.decidedAtUs <= atUs)
      .toSorted((one, other) => one.decidedAtUs - other.decidedAtUs)
      .map((action) => ({
        action,
        state: stateAt(action, atUs),
        permit: permitAt(action, stops, atUs),
      })),
    stops: stops
      .filter((stop) => stop.placedAtUs <= atUs && (stop.liftedAtUs ?? Infinity) > atUs)
      .toSorted((one, other) => one.placedAtUs - other.placedAtUs)
      .map((stop) => ({ stop, isDraining: (stop.acknowledgedAtUs ?? Infinity) > atUs })),
  };
}

function marksOfAction(action: TracedAction): readonly ControlMark[] {
  const { tool, resolved, permits, outcome } = action;
  return [
    {
      atUs: action.decidedAtUs,
      kind: 'decision',
      label: `${decisionWords[action.decision]} ${tool}`,
    },
    ...(resolved === null
      ? []
      : [{ atUs: resolved.atUs, kind: 'decision' as const, label: `${resolved.state} ${tool}` }]),
    ...permits.flatMap(({ issuedAtUs, redeemedAtUs }) => [
      { atUs: issuedAtUs, kind: 'permit' as const, label: `permit for ${tool}` },
      ...(redeemedAtUs === null
        ? []
        : [{ atUs: redeemedAtUs, kind: 'redeem' as const, label: `redeemed ${tool}` }]),
    ]),
    ...(outcome === null
      ? []
      : [{ atUs: outcome.atUs, kind: 'outcome' as const, label: `${tool} ${outcome.status}` }]),
  ];
}

function marksOfStop(stop: TracedStop): readonly ControlMark[] {
  const name =
    stop.scope.kind === 'tenant' ? 'everything' : `${stop.scope.kind} ${stop.scope.label}`;
  return [
    { atUs: stop.placedAtUs, kind: 'stop', label: `stop of ${name} requested` },
    ...(stop.acknowledgedAtUs === null
      ? []
      : [
          {
            atUs: stop.acknowledgedAtUs,
            kind: 'stop' as const,
            label: `stop of ${name} confirmed`,
          },
        ]),
    ...(stop.liftedAtUs === null
      ? []
      : [{ atUs: stop.liftedAtUs, kind: 'lift' as const, label: `stop of ${name} lifted` }]),
  ];
}

/** How long after the last event of a trace what happened here still belongs on its timeline. */
const tailUs = 60_000_000;

/**
 * Everything that happened on the control plane during a trace, oldest first. What an action led to
 * belongs to the trace whenever it came; a stop only when it came during the trace or shortly after.
 */
export function controlMarks(
  actions: readonly TracedAction[],
  stops: readonly TracedStop[],
  span: { readonly startUs: number; readonly endUs: number },
): readonly ControlMark[] {
  const ofActions = actions.flatMap(marksOfAction);
  const lastUs = Math.max(span.endUs, ...ofActions.map((mark) => mark.atUs)) + tailUs;
  const ofStops = stops
    .flatMap(marksOfStop)
    .filter((mark) => mark.atUs >= span.startUs && mark.atUs <= lastUs);
  return [...ofActions, ...ofStops].toSorted((one, other) => one.atUs - other.atUs);
}
