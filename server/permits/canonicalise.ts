import canonicalize from 'canonicalize';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';

/** A JSON object as `JSON.parse` gives it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * RFC 8785 text of a value that came from {@link parseExactJson} or was made by us: one text for
 * every spelling of the same value. @throws Error for what JSON cannot say (a defect of the caller)
 */
export function canonicalise(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('this value has no JSON form');
  return text;
}

/**
 * Canonical text of an action's arguments. @throws AppError `payload_too_large` beyond
 * `limits.argumentsBytesMax`: they are never cut.
 */
export function canonicaliseArguments(args: JsonObject): string {
  const text = canonicalise(args);
  if (Buffer.byteLength(text) <= limits.argumentsBytesMax) return text;
  throw new AppError(
    'payload_too_large',
    `Arguments may be ${limits.argumentsBytesMax} bytes of canonical JSON at most; send a reference instead.`,
  );
}

/**
 * The arguments that an approval binds: the named fields, or all of them when the tool names none
 * (`null`) or is not known. A field that is absent stays absent, so adding it changes the digest.
 */
export function boundArguments(
  args: JsonObject,
  loadBearingFields: readonly string[] | null,
): JsonObject {
  if (loadBearingFields === null) return args;
  const bound = new Set(loadBearingFields);
  return Object.fromEntries(Object.entries(args).filter(([name]) => bound.has(name)));
}
