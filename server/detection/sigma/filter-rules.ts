import {
  compileDetection,
  type CompiledDetection,
} from '#server/detection/sigma/compile-detection.ts';
import type {
  DetectionDocument,
  FilterDocument,
  FilterEffect,
  Logsource,
} from '#server/detection/sigma/rule-documents.ts';
import { RuleFault } from '#server/detection/sigma/rule-fault.ts';

const choice =
  'say under signalbox whether events that fit the condition are left out ("effect: suppress") or ' +
  'the only ones kept ("effect: require").';

/** A filter, ready to be put on the rules that it names. */
export interface CompiledFilter extends CompiledDetection {
  readonly effect: FilterEffect;
}

/**
 * What a filter that does not say its effect should be told; null when it does. Without a word it
 * suppresses, as in the specification's only example.
 */
export function adviseOnFilter(document: FilterDocument): string | null {
  return document.signalbox?.effect === undefined ? `To leave no doubt, ${choice}` : null;
}

/**
 * Compiles a filter's selections and condition. A condition that begins with "not" and no choice of
 * effect is refused: tools that keep what fits write it so, and the two readings are opposites.
 * @throws RuleFault `ambiguous_filter`, any code of the compiler
 */
export function compileFilter(document: FilterDocument): CompiledFilter {
  const { rules: _rules, ...selections } = document.filter;
  const { condition } = selections;
  const texts = typeof condition === 'string' ? [condition] : condition;
  const effect = document.signalbox?.effect;
  if (effect === undefined && texts.some((text) => /^[\s(]*not\b/i.test(text))) {
    throw new RuleFault(
      'ambiguous_filter',
      ['filter', 'condition'],
      `This condition begins with "not": ${choice}`,
    );
  }
  const placeholders = document.signalbox?.placeholders ?? {};
  return {
    ...compileDetection(selections, ['filter'], placeholders),
    effect: effect ?? 'suppress',
  };
}

/** Whether a filter's log source leaves room for a rule's: nothing that both name differs. */
export function isSameSource(filter: Logsource, rule: Logsource): boolean {
  return (['category', 'product', 'service'] as const).every(
    (part) => filter[part] === undefined || rule[part] === undefined || filter[part] === rule[part],
  );
}

/** Whether a filter is meant for a rule over single events. */
export function isFiltered(filter: FilterDocument, rule: DetectionDocument): boolean {
  const { rules } = filter.filter;
  const isNamed = rules === 'any' || rules.some((name) => name === rule.id || name === rule.name);
  return isNamed && isSameSource(filter.logsource, rule.logsource);
}

/** A rule's detection with its filters put on. */
export function withFilters(
  detection: CompiledDetection,
  filters: readonly CompiledFilter[],
): CompiledDetection {
  if (filters.length === 0) return detection;
  const parts = filters.map(({ effect, condition }) =>
    effect === 'suppress' ? `not (${condition})` : `(${condition})`,
  );
  return {
    matches: (event) =>
      detection.matches(event) &&
      filters.every((filter) => filter.matches(event) === (filter.effect === 'require')),
    guards: detection.guards,
    fields: [...new Set([detection, ...filters].flatMap(({ fields }) => fields))],
    condition: `(${detection.condition}) and ${parts.join(' and ')}`,
  };
}
