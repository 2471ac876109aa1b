import { ruleNameSchema } from '#server/detection/contract.ts';
import { compileText } from '#server/detection/sigma/compile-text.ts';
import { standIns } from '#server/detection/sigma/foreign-rules.ts';
import { labelsOf } from '#server/detection/taxonomies.ts';
import { AppError } from '#server/kernel/errors.ts';

/** Whether a rule's key is a name that somebody gave it, and one that lists and links can show. */
export function isRuleName(key: string): boolean {
  // A document without a name or an id is called by its place in the source.
  return ruleNameSchema.safeParse(key).success && !/^document-\d+$/.test(key);
}

/**
 * The columns that the text of a rule, or of filters alone, decides. What it counts of other sources
 * need not be there yet: whoever runs it looks for that. @throws AppError `unprocessable` for one that does not
 * compile or has no name that a list could show
 */
export function readRuleText(source: string) {
  const compiled = compileText(source, standIns);
  if (!compiled.ok) {
    const [first] = compiled.problems;
    const line = first?.line ?? null;
    const place = line === null ? '' : `Line ${line}: `;
    throw new AppError('unprocessable', `${place}${first?.message ?? 'It is no rule.'}`);
  }
  const { kind, main } = compiled;
  const { key, title, tags } = main;
  if (!isRuleName(key)) {
    throw new AppError('unprocessable', `Give the ${kind} a name, such as name: my-${kind}.`);
  }
  const severity = 'severity' in main ? main.severity : null;
  return { slug: key, title, kind, severity, source, labels: labelsOf(tags) };
}
