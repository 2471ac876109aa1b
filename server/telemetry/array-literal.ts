/**
 * Postgres array literals from columns of values: `{"a","b",NULL}`. Built as one string per column,
 * because encoding row by row through the driver costs more than parsing the request did.
 */
const special = /["\\]/;
const escapes = /["\\]/g;

/** Ids, names, times and digests stand for themselves; without quotes the word NULL would be none. */
const bare = /^[A-Za-z0-9_.:+-]+$/;
const nullWord = /^null$/i;

function quote(value: string): string {
  if (bare.test(value) && !nullWord.test(value)) return value;
  return special.test(value) ? `"${value.replace(escapes, '\\$&')}"` : `"${value}"`;
}

/** Texts (also times, uuids, numbers and `\x…` bytes, as text). */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : quote(value))).join(',')}}`;
}

/** Numbers and booleans, which need no quotes. */
export function plainArray(values: readonly (number | boolean | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`;
}

/** Stands between texts that are split again: JSON text holds no control character. */
export const jsonSeparator = '\u001e';

/**
 * JSON texts as one text, for `string_to_table(…, jsonSeparator)`. As an array's literal their quotes would
 * be escaped here and read back character by character there.
 */
export function joinJson(texts: readonly string[]): string {
  return texts.join(jsonSeparator);
}
