import type { z } from 'zod';

/**
 * What is wrong with an input, in one sentence without its end: the place, never the value, nor the name
 * of a member that is not known. Both are the sender's own text, of any length.
 */
export function describeIssue(
  issue: z.core.$ZodIssue | undefined,
  whole: string,
  isMissing = issue?.code === 'invalid_type' && issue.message.endsWith('received undefined'),
): string {
  const place = issue === undefined || issue.path.length === 0 ? whole : issue.path.join('.');
  if (issue?.code === 'unrecognized_keys') {
    return `${place} has a member that this door does not know`;
  }
  // What a form shows below a field is a whole sentence.
  const said = issue?.message.replace(/\.$/, '') ?? 'not of its form';
  return `${place}: ${isMissing ? 'missing' : said}`;
}
