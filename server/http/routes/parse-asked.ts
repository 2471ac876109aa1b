import type { z } from 'zod';
import { AppError } from '#server/kernel/errors.ts';
import { parseExactJson } from '#server/permits/parse-exact-json.ts';

/** A small JSON body, read exactly. @throws AppError `bad_request`, `unrepresentable` */
export function parseJsonBody(body: Uint8Array): unknown {
  return parseExactJson(body);
}

/** @throws AppError `bad_request`, naming the first field that is wrong, never its value. */
export function parseAsked<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  throw new AppError(
    'bad_request',
    `${path === '' ? 'request' : path}: ${issue?.message ?? 'invalid'}.`,
  );
}
