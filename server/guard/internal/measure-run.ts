/** Lookup tables for ASCII character sets: `table[code] === 1` when the set holds it. */
export function tableOf(set: RegExp): Uint8Array {
  const table = new Uint8Array(128);
  for (let code = 0; code < 128; code += 1)
    if (set.test(String.fromCharCode(code))) table[code] = 1;
  return table;
}

/** Whether `table` holds the character at `at`; false beyond the text and beyond ASCII. */
export function holds(table: Uint8Array, text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 && table[code] === 1;
}

/** End of the run of `table`'s characters that begins at `at`, at most at `endMax`. */
export function runEnd(table: Uint8Array, text: string, at: number, endMax: number): number {
  let end = at;
  while (end < endMax && holds(table, text, end)) end += 1;
  return end;
}

/** Start of the run of `table`'s characters that ends before `at`, at least `startMin`. */
export function runStart(table: Uint8Array, text: string, at: number, startMin: number): number {
  let start = at;
  while (start > startMin && holds(table, text, start - 1)) start -= 1;
  return start;
}

/** Shorter runs of token characters hold no provider's key and nothing encoded. */
export const tokenRunCharsMin = 16;
const tokenTable = tableOf(/[A-Za-z0-9_-]/);

/**
 * Start and end of each run of {@link tokenRunCharsMin} or more `[A-Za-z0-9_-]`, flat. Looks backwards from where
 * such a run would end, so of prose it sees a part only.
 */
export function tokenRuns(text: string): number[] {
  const runs: number[] = [];
  let start = 0;
  while (start + tokenRunCharsMin <= text.length) {
    const found = runStart(tokenTable, text, start + tokenRunCharsMin, start);
    if (found > start) {
      start = found;
      continue;
    }
    const end = runEnd(tokenTable, text, start + tokenRunCharsMin, text.length);
    runs.push(start, end);
    start = end + 1;
  }
  return runs;
}

export const alnumTable: Uint8Array = tableOf(/[A-Za-z0-9]/);
const hexTable = tableOf(/[0-9a-fA-F-]/);

/**
 * True when a key may begin at `at`: nothing alphanumeric stands before it, or what stands there is
 * the letter of an escape (`\n`, `%3D`, `\u0027`) and no part of the key.
 */
export function isRunBoundary(text: string, at: number): boolean {
  if (at <= 0 || !holds(alnumTable, text, at - 1)) return true;
  const before = text.charCodeAt(at - 2);
  if (before === 92) return /[nrtbf]/.test(text.charAt(at - 1));
  if (text.charCodeAt(at - 3) === 37) return holds(hexTable, text, at - 2);
  return text.charCodeAt(at - 6) === 92 && text.charCodeAt(at - 5) === 117;
}

export interface RunProfile {
  readonly digits: number;
  readonly uppers: number;
  readonly lowers: number;
  /** Different characters among the first 128. */
  readonly distinct: number;
  /** Only hex digits and hyphens. */
  readonly isHex: boolean;
}

const seen = new Uint8Array(128);

/** Counts what the first 128 characters of a run are made of. */
export function profileRun(text: string, start: number, end: number): RunProfile {
  seen.fill(0);
  let digits = 0;
  let uppers = 0;
  let lowers = 0;
  let distinct = 0;
  let isHex = true;
  const stop = Math.min(end, start + 128);
  for (let at = start; at < stop; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) digits += 1;
    else if (code >= 65 && code <= 90) uppers += 1;
    else if (code >= 97 && code <= 122) lowers += 1;
    if (code > 127 || hexTable[code] === 0) isHex = false;
    if (code < 128 && seen[code] === 0) {
      seen[code] = 1;
      distinct += 1;
    }
  }
  return { digits, uppers, lowers, distinct, isHex };
}

/**
 * True for text that nobody would type as a word: digits among letters, many different characters.
 * Hex (hashes, trace ids, UUIDs) is not random enough by itself, because most of it is no secret.
 */
export function looksRandom(text: string, start: number, end: number): boolean {
  const profile = profileRun(text, start, end);
  if (profile.isHex) return false;
  const letters = profile.uppers + profile.lowers;
  if (profile.digits < 2 || letters < 4 || profile.distinct < 10) return false;
  // Words joined by hyphens or underscores have few digits for their length.
  return profile.digits * 12 >= end - start || (profile.uppers >= 3 && profile.lowers >= 3);
}

const placeholderAt =
  /\[(?:EMAIL|PHONE|CARD|IBAN|SSN|NINO|IP|MAC|PASSPORT|LICENSE|SECRET):[0-9a-f]{8}\]/y;

/** End of the placeholder that begins at `at`, or -1: what was redacted is never matched again. */
export function placeholderEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== 91) return -1;
  placeholderAt.lastIndex = at;
  return placeholderAt.test(text) ? placeholderAt.lastIndex : -1;
}

/** True when [start, end) lies inside a placeholder. */
export function isInsidePlaceholder(text: string, start: number, end: number): boolean {
  for (let at = start - 1; at >= 0 && at >= start - 10; at -= 1)
    if (text.charCodeAt(at) === 91) return placeholderEnd(text, at) >= end;
  return false;
}

const contextChars = 48;

/**
 * The text before `at` in which the kind of a value is usually said. It ends at a placeholder: what
 * redaction shortened must not bring words nearer that were too far away before.
 */
export function contextOf(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - contextChars), at);
  const cut = before.lastIndexOf(']');
  return cut < 0 ? before : before.slice(cut + 1);
}
