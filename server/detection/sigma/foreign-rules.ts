import type { CompiledRule, DetectionRule } from '#server/detection/sigma/compiled-rule.ts';
import type { RuleProblemCode } from '#server/detection/sigma/rule-fault.ts';

/** Why a name of another source's rule leads nowhere. */
export interface ForeignFault {
  readonly code: Extract<RuleProblemCode, 'unknown_rule' | 'ambiguous_rule' | 'cycle'>;
  /** One sentence for a person. */
  readonly message: string;
}

/** A rule of another source with all that it stands on, ready to be counted by a correlation. */
export interface ForeignRule {
  /** Its key among `rules`, which no source of its own has. */
  readonly key: string;
  /** Referred-to rules before those that refer to them; none opens alerts here. */
  readonly rules: readonly CompiledRule[];
  /** What it goes by in its own source. */
  readonly names: readonly string[];
  /** Of a stand-in that never matches: why it is no more than that. */
  readonly fault: ForeignFault | null;
}

/** Finds the rule of another source that a correlation names. */
export type FindForeign = (name: string) => ForeignRule | ForeignFault;

/** Where only the text itself counts: there are no other sources. */
export const noForeign: FindForeign = (name) => ({
  code: 'unknown_rule',
  message: `There is no rule "${name}" here.`,
});

/**
 * For texts that are written and not run yet: what is not found is stood in for by a rule that never
 * matches, and the compiler passes on why.
 */
export const tolerating =
  (find: FindForeign): FindForeign =>
  (name) => {
    const found = find(name);
    if (!('code' in found)) return found;
    const rule = standIn(name);
    return { key: rule.key, rules: [rule], names: [name], fault: found };
  };

/** What a text is called and says of itself, whatever its names lead to. */
export const standIns: FindForeign = tolerating(noForeign);

function standIn(name: string): DetectionRule {
  return {
    // No document may be called so: names have no blanks in front.
    key: ` ${name}`,
    title: name,
    description: '',
    severity: 'informational',
    status: 'unsupported',
    tags: [],
    falsePositives: [],
    isAlerting: false,
    response: null,
    kind: 'detection',
    logsource: {},
    matches: () => false,
    guards: [],
    fields: [],
    condition: '',
    groupBy: [],
  };
}
