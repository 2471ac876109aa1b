import type { AlertState } from '#db/enums.ts';

/*
 * The part of this module's contract that screens need as values. It imports no validator: zod's
 * 50 kB would otherwise reach every page for the sake of five lists.
 */
export {
  alertAttentions,
  alertStates,
  alertStepKinds,
  alertVerdicts,
  backtestStates,
  proposalStates,
  responseActions,
  ruleStates,
  severities,
  type AlertAttention,
  type AlertChangeKind,
  type AlertState,
  type AlertStepKind,
  type AlertVerdict,
  type Severity,
} from '#db/enums.ts';

/**
 * Which states may follow. The table is the law: verbs and buttons both read it. A match after
 * `resolved` opens a new alert; nothing leads back.
 */
export const alertMoves = {
  open: ['acknowledged', 'resolved'],
  acknowledged: ['resolved'],
  resolved: [],
} as const satisfies Record<AlertState, readonly AlertState[]>;
