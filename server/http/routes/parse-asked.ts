import type { z } from 'zod';
import { describeIssue } from '#server/kernel/describe-issue.ts';
import { AppError } from '#server/kernel/errors.ts';
import { requireStorable } from '#server/kernel/require-storable.ts';
import { parseExactJson } from '#server/permits/parse-exact-json.ts';

/** A small JSON body, read exactly. @throws AppError `bad_request`, `unrepresentable` */
export function parseJsonBody(body: Uint8Array): unknown {
  return parseExactJson(body);
}

/**
 * @throws AppError `bad_request`, naming the first field that is wrong, never its value, nor the name of
 *   a member that the door does not know: both are the sender's own text, of any length
 */
export function parseAsked<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String) ?? [];
  const isMissing = path.length > 0 && memberAt(given, path) === undefined;
  const wrong = describeIssue(issue, 'The body', isMissing);
  throw new AppError('bad_request', `${wrong}; see /api/v1/openapi.json.`);
}

/** The same for a query, which no exact reading has gone through. @throws AppError `unrepresentable` too */
export function parseQuery<Schema extends z.ZodType>(
  schema: Schema,
  given: Readonly<Record<string, string>>,
): z.output<Schema> {
  requireStorable(given);
  return parseAsked(schema, given);
}

function memberAt(given: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) =>
      typeof at === 'object' && at !== null ? Object.getOwnPropertyDescriptor(at, name)?.value : at,
    given,
  );
}
