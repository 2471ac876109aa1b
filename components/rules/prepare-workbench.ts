import type { RuleCheck, RuleDetail } from '#server/detection/contract.ts';

/** What the steps of the workbench go by. */
export interface WorkbenchState {
  /** Why this person may not write rules; null when they may. */
  readonly writeRefusal: string | null;
  /** The rule as the server has it; null for one that is not saved yet. */
  readonly rule: RuleDetail | null;
  /** The text in the editor. */
  readonly text: string;
  /** Null while none is here; may be of an earlier text. */
  readonly check: RuleCheck | null;
  readonly isCurrent: boolean;
}

/** For each step why it cannot be taken now, one sentence; null when it can. */
export interface WorkbenchRefusals {
  readonly save: string | null;
  readonly backtest: string | null;
  readonly shadow: string | null;
  readonly approve: string | null;
}

/** The text that is saved: the change that waits, else what runs. */
export function savedText(rule: RuleDetail | null): string | null {
  return rule === null ? null : (rule.proposal?.source ?? rule.source);
}

/** Says of each step what stands in its way; the server decides it again. */
export function prepareWorkbench(state: WorkbenchState): WorkbenchRefusals {
  const { rule, check } = state;
  const proposal = rule?.proposal ?? null;
  const isSaved = savedText(rule) === state.text;
  const compiles =
    check === null || !state.isCurrent
      ? 'The text is being read.'
      : check.rule === null
        ? 'The text does not compile yet.'
        : null;
  const text = state.writeRefusal ?? compiles;
  const saved = isSaved ? null : 'Save the text first.';
  return {
    save: text ?? (isSaved ? 'It is saved.' : null),
    backtest: text,
    shadow: text ?? saved ?? (proposal === null ? 'This text runs already.' : null),
    approve:
      proposal === null && isSaved
        ? 'This text runs already.'
        : (compiles ?? saved ?? check?.missing[0] ?? proposal?.refusal ?? null),
  };
}
