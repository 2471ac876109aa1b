import type { RuleDetail } from '#server/detection/contract.ts';
import { joinRules, type JoinableText, namesOutside } from '#server/detection/join-rules.ts';

/**
 * Why an approved rule cannot run all the same: what its text counts of other sources is not there any
 * more, or leads back to it. Null for one that can, for filters and for what was never approved.
 */
export function readFaults(texts: readonly JoinableText[]): (ruleId: string) => string | null {
  const joined = joinRules(texts);
  const byId = new Map(texts.map((text) => [text.ruleId, text]));
  return (ruleId) => {
    const text = byId.get(ruleId);
    if (text === undefined || text.kind === 'filter' || text.state === 'draft') return null;
    // All others were compiled when they were approved, and nothing else changes them.
    if (namesOutside(text.source).length === 0) return null;
    const compiled = joined.compile(ruleId);
    return compiled.ok ? null : (compiled.problems[0]?.message ?? 'It does not compile.');
  };
}

/** How a rule and those of other sources count one another. */
export function describeCounting(
  texts: readonly JoinableText[],
  ruleId: string,
): Pick<RuleDetail, 'counts' | 'countedBy'> {
  const joined = joinRules(texts);
  const shown = ({ ruleId: id, title, state }: JoinableText) => ({ id, title, state });
  return {
    counts: joined.referencesOf(ruleId).map(({ name, text, fault }) => ({
      name,
      rule: text === null ? null : shown(text),
      fault: fault?.message ?? null,
    })),
    countedBy: texts
      .filter(
        (text) =>
          text.state !== 'draft' &&
          joined.referencesOf(text.ruleId).some((counted) => counted.text?.ruleId === ruleId),
      )
      .map(shown)
      .toSorted((a, b) => (a.title < b.title ? -1 : 1)),
  };
}

/**
 * The rules that run and would not any more with this text in the place of its row's: each with why.
 * Nobody takes a name away that others count.
 */
export function findBroken(
  before: readonly JoinableText[],
  after: readonly JoinableText[],
  ruleId: string,
): readonly { readonly title: string; readonly fault: string }[] {
  const faultBefore = readFaults(before);
  const faultAfter = readFaults(after);
  return before.flatMap((text) => {
    if (text.ruleId === ruleId || text.state !== 'enabled') return [];
    const fault = faultBefore(text.ruleId) === null ? faultAfter(text.ruleId) : null;
    return fault === null ? [] : [{ title: text.title, fault }];
  });
}
