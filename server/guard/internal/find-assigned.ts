import type { SensitiveMatch } from '#server/guard/contract.ts';
import { isSecretValue } from '#server/guard/internal/judge-value.ts';
import {
  isInsidePlaceholder,
  placeholderEnd,
  runEnd,
  runStart,
  tableOf,
} from '#server/guard/internal/measure-run.ts';
import { judgeSecretName, type SecretName } from '#server/guard/judge-secret-name.ts';

const nameTable = tableOf(/[A-Za-z0-9_.-]/);
const blankTable = tableOf(/[ \t]/);
const nameCharsMax = 64;
/** Nothing typed or minted is longer than this and still a password or token. */
const valueCharsMax = 8192;

/** The header's scheme word; what follows it is the credential. */
const headerScheme =
  /(?:bearer|basic|token|digest|apikey|api-key|negotiate|hmac|aws4-hmac-sha256)[ \t]{1,4}/iy;

interface Value {
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
  readonly endsLine: boolean;
}

/** Opening quote at `at`, also escaped (`\"`): its character code and how many characters it takes. */
function quoteAt(text: string, at: number): { code: number; width: number } | null {
  let width = 0;
  while (width < 4 && text.charCodeAt(at + width) === 92) width += 1;
  const code = text.charCodeAt(at + width);
  if (code === 34 || code === 39 || code === 96) return { code, width: width + 1 };
  return null;
}

/** End of a quoted value: before the closing quote (and the backslashes that escape it). */
function quotedEnd(text: string, from: number, code: number, width: number): number {
  const stop = Math.min(text.length, from + valueCharsMax);
  for (let at = from; at < stop; at += 1) {
    if (text.charCodeAt(at) === 10) return at;
    if (text.charCodeAt(at) !== code) continue;
    let slashes = 0;
    while (at - slashes > from && text.charCodeAt(at - slashes - 1) === 92) slashes += 1;
    // A quote escaped more deeply than the opening one belongs to the value.
    if (slashes <= width - 1) return at - slashes;
  }
  return stop;
}

const unquotedStop = tableOf(/[\s"'`,;&<>|\\)\]}]/);
const lineStop = tableOf(/[\n\r"'`]/);

/** End of the stretch last measured: every start inside it has the same end. */
interface Stretch {
  from: number;
  end: number;
}

function unquotedEnd(text: string, from: number, stopTable: Uint8Array, last: Stretch): number {
  if (from >= last.from && from <= last.end) return last.end;
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code < 128 && stopTable[code] === 1) break;
    at += 1;
  }
  last.from = from;
  last.end = at;
  return at;
}

/** Nothing more in this line, or the next label begins ("Password: x Account: y"). */
const endsStatement = (text: string, at: number): boolean =>
  at >= text.length || /[\n\rA-Z|]/.test(text.charAt(at));

/** Reads the value that begins at `at`; for a cookie it is the rest of the line. */
function readValue(text: string, at: number, stopTable: Uint8Array, last: Stretch): Value {
  const quote = quoteAt(text, at);
  if (quote !== null) {
    const start = at + quote.width;
    return {
      start,
      end: quotedEnd(text, start, quote.code, quote.width),
      isQuoted: true,
      endsLine: true,
    };
  }
  let end = unquotedEnd(text, at, stopTable, last);
  while (end > at && /[.!?:]/.test(text.charAt(end - 1))) end -= 1;
  const next = runEnd(blankTable, text, end, text.length);
  return { start: at, end, isQuoted: false, endsLine: endsStatement(text, next) };
}

function skipScheme(text: string, at: number): number {
  headerScheme.lastIndex = at;
  return headerScheme.test(text) ? headerScheme.lastIndex : at;
}

function pushValue(text: string, value: Value, name: SecretName, out: SensitiveMatch[]): void {
  let { start } = value;
  if (name === 'header') start = skipScheme(text, start);
  if (start >= value.end || placeholderEnd(text, start) > 0) return;
  if (!isSecretValue(text.slice(start, value.end), name, value)) return;
  out.push({ placeholder: 'SECRET', detector: `assigned_${name}`, start, end: value.end });
}

/** The name that stands before `:` or `=` at `at`: quotes, brackets and blanks between are skipped. */
function nameBefore(text: string, at: number): string {
  let end = at;
  const floor = Math.max(0, at - 6);
  while (end > floor && /[\s"'`\\\]]/.test(text.charAt(end - 1))) end -= 1;
  const start = runStart(nameTable, text, end, Math.max(0, end - nameCharsMax));
  // In `\npassword` of escaped text the n belongs to the escape.
  const isEscape = text.charCodeAt(start - 1) === 92 && /[nrt]/.test(text.charAt(start));
  return text.slice(isEscape ? start + 1 : start, end);
}

/** `name: value`, `"name": "value"`, `name=value`, `name => value` and HTTP headers. */
interface Stretches {
  readonly word: Stretch;
  readonly line: Stretch;
}

function findAt(text: string, at: number, stretches: Stretches, out: SensitiveMatch[]): void {
  const name = judgeSecretName(nameBefore(text, at));
  // The colon of `[SECRET:4bfb25cc]` assigns nothing.
  if (name === 'none' || isInsidePlaceholder(text, at, at + 1)) return;
  let from = at + 1;
  if (text.charCodeAt(from) === 61 || text.charCodeAt(from) === 62) from += 1;
  from = runEnd(blankTable, text, from, from + 16);
  if (name === 'header' && quoteAt(text, from) === null) from = skipScheme(text, from);
  const isCookie = name === 'header' && text.charCodeAt(from) !== 91;
  const value = isCookie
    ? readValue(text, from, lineStop, stretches.line)
    : readValue(text, from, unquotedStop, stretches.word);
  pushValue(text, value, name, out);
}

/**
 * Values assigned to names that speak of a secret, inside the text (`at` positions of `:` and `=`) and
 * by the text's own field name.
 */
export function findAssignedSecrets(
  text: string,
  assignments: readonly number[],
  fieldName: string | null,
  out: SensitiveMatch[],
): void {
  if (fieldName !== null && text.length <= valueCharsMax) {
    const name = judgeSecretName(fieldName);
    if (name !== 'none') {
      const start = text.length - text.trimStart().length;
      const value = { start, end: text.trimEnd().length, isQuoted: true, endsLine: true };
      pushValue(text, value, name, out);
    }
  }
  const stretches = { word: { from: -1, end: -2 }, line: { from: -1, end: -2 } };
  for (const at of assignments) findAt(text, at, stretches, out);
}

const spoken =
  /\bpass(?:word|wd|code|phrase)\b(?:[ \t]{1,4}[A-Za-z]{1,20}){0,4}?[ \t]{1,4}(?:is|was|to|as|be)[ \t]{1,4}(?:now[ \t]{1,4})?["'`“‘]{0,2}([^\s"'`”’,;<>\\]{4,128})/gi;

/** "the password is hunter2", "change the password to X9-blue": prose that names the value. */
export function findSpokenPasswords(text: string, out: SensitiveMatch[]): void {
  spoken.lastIndex = 0;
  for (let match = spoken.exec(text); match !== null; match = spoken.exec(text)) {
    const raw = match[1] ?? '';
    let end = raw.length;
    while (end > 0 && /[.!?):]/.test(raw.charAt(end - 1))) end -= 1;
    const value = raw.slice(0, end);
    const start = match.index + match[0].length - raw.length;
    if (placeholderEnd(text, start) > 0 || !/\d|[a-z][A-Z]|[^A-Za-z0-9'’-]/.test(value)) continue;
    // "Send the password to eve@example.com" names a recipient.
    if (/^[^@]+@[^@]+\.[A-Za-z]+$/.test(value)) continue;
    if (!isSecretValue(value, 'password', { isQuoted: false, endsLine: false })) continue;
    out.push({
      placeholder: 'SECRET',
      detector: 'spoken_password',
      start,
      end: start + value.length,
    });
  }
}
