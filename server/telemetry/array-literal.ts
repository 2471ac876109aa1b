/**
 * Postgres array literals from columns of values: `{"a","b",NULL}`. Built as one string per column,
 * because encoding row by row through the driver costs more than parsing the request did.
 */
const special = /["\\]/;
const escapes = /["\\]/g;

function quote(value: string): string {
  return special.test(value) ? `"${value.replace(escapes, '\\$&')}"` : `"${value}"`;
}

/** Texts (also times, uuids, numbers and `\x…` bytes, as text). */
export function textArray(values: readonly (string | null)[]): string {
  let out = '{';
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (index > 0) out += ',';
    out += value === null || value === undefined ? 'NULL' : quote(value);
  }
  return `${out}}`;
}

/** Numbers and booleans, which need no quotes. */
export function plainArray(values: readonly (number | boolean | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`;
}
