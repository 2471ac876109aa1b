import { ruleNameSchema } from '#server/detection/contract.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { labelsOf } from '#server/detection/taxonomies.ts';
import { AppError } from '#server/kernel/errors.ts';

/** Whether a rule's key is a name that somebody gave it, and one that lists and links can show. */
export function isRuleName(key: string): boolean {
  // A document without a name or an id is called by its place in the source.
  return ruleNameSchema.safeParse(key).success && !/^document-\d+$/.test(key);
}

/**
 * The columns that a rule's text decides. @throws AppError `unprocessable` for one that does not
 * compile or has no name that a list could show
 */
export function readRuleText(source: string) {
  const compiled = compileSource(source);
  if (!compiled.ok) {
    const [first] = compiled.problems;
    const line = first?.line ?? null;
    const place = line === null ? '' : `Line ${line}: `;
    throw new AppError('unprocessable', `${place}${first?.message ?? 'It is no rule.'}`);
  }
  const { key, title, severity, tags } = compiled.main;
  if (!isRuleName(key)) {
    throw new AppError('unprocessable', 'Give the rule a name, such as name: my-rule.');
  }
  return { slug: key, title, severity, source, labels: labelsOf(tags) };
}
