import { tokenRunCharsMin } from '#server/guard/internal/measure-run.ts';
import { unitsOf } from '#server/guard/internal/text-units.ts';

/**
 * The one pass over every character that decides which precise detectors have to look at all. It
 * costs about 2 µs a kB; a text without any of these features is clean after it.
 */
export const features = {
  /** Something beyond ASCII: hidden characters, mixed scripts and exotic forms become possible. */
  nonAscii: 1,
  /** `@`, or one of its spellings (`%40`, `&#64;`, `\u0040`). */
  at: 2,
  /** A stretch of digits and separators long enough for a phone, card, id or address. */
  numbers: 4,
  /** A run of 16 or more token characters. */
  runs: 8,
  /** `:` or `=` behind a word that may name a secret. */
  assignments: 16,
  /** The letters "pass" in any case. */
  pass: 32,
  /** `://`. */
  schemes: 64,
  /** Hex groups between colons: IPv6 and MAC addresses. */
  colonGroups: 128,
  /** `<`, ESC or another control character: markup and terminal escapes. */
  markup: 256,
  /** U+0000 or a surrogate: Postgres may refuse it. */
  unstorable: 512,
  /** `-----`. */
  dashes: 1024,
  /** Two letters directly before two digits: IBAN, NINO. */
  letterPairs: 2048,
} as const;

/** Result of {@link scanText}; reused by every call, so read it before the next one. */
export interface TextScan {
  bits: number;
  /** Start and end of each run of 16 or more `[A-Za-z0-9_-]`, flat. */
  readonly runs: number[];
  /** Start and end of each stretch of digits and separators, flat. */
  readonly numbers: number[];
  /** Positions of `@` and of the `%`, `&`, `\` or `＠` that spell it. */
  readonly ats: number[];
  /** Positions of `:` and `=` that may assign a secret. */
  readonly assignments: number[];
  /** Positions of the `:` in `://`. */
  readonly schemes: number[];
  /** Positions of the first of two letters before two digits. */
  readonly letterPairs: number[];
}

const numberDigitsMin = 7;

const kind = { other: 0, letter: 1, digit: 2, separator: 3, special: 4, joiner: 5, p: 6 } as const;

/** One entry per UTF-16 unit, so that the loop needs no test for ASCII. */
const kindOf = new Uint8Array(65_536);
for (let code = 0; code < 128; code += 1) {
  const char = String.fromCharCode(code);
  if (/[Pp]/.test(char)) kindOf[code] = kind.p;
  else if (/[A-Za-z]/.test(char)) kindOf[code] = kind.letter;
  else if (/\d/.test(char)) kindOf[code] = kind.digit;
  else if (char === '-') kindOf[code] = kind.joiner;
  else if (char === '_') kindOf[code] = kind.letter;
  else if (/[ .()/]/.test(char)) kindOf[code] = kind.separator;
  else if (/[@:=<%&\\]/.test(char) || (code < 32 && !/[\t\n\r]/.test(char)) || code === 127)
    kindOf[code] = kind.special;
}

const scan: TextScan = {
  bits: 0,
  runs: [],
  numbers: [],
  ats: [],
  assignments: [],
  schemes: [],
  letterPairs: [],
};

/** Setting a length costs even when it changes nothing, and most texts leave all lists empty. */
function empty(list: number[]): void {
  if (list.length > 0) list.length = 0;
}

function resetScan(): void {
  scan.bits = 0;
  empty(scan.runs);
  empty(scan.numbers);
  empty(scan.ats);
  empty(scan.assignments);
  empty(scan.schemes);
  empty(scan.letterPairs);
}

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Last letters of the words that name a secret: passworD secreT tokeN keY passphrasE pwD siG piN. */
const endsLikeSecretName = new Uint8Array(128);
for (const char of 'dtnyesgpvck') {
  endsLikeSecretName[char.charCodeAt(0)] = 1;
  endsLikeSecretName[char.toUpperCase().charCodeAt(0)] = 1;
}

/** True when the character before `:` or `=`, quotes and blanks aside, may end a secret's name. */
function mayAssignSecret(text: string, at: number): boolean {
  let before = at - 1;
  const stop = Math.max(0, at - 4);
  while (before > stop) {
    const code = text.charCodeAt(before);
    if (code !== 32 && code !== 34 && code !== 39 && code !== 92 && code !== 93) break;
    before -= 1;
  }
  const code = before < 0 ? 0 : text.charCodeAt(before);
  return code < 128 && endsLikeSecretName[code] === 1;
}

let lastColonAt = -1;
let colonStreak = 0;

function noteColon(text: string, at: number): void {
  if (text.charCodeAt(at + 1) === 47 && text.charCodeAt(at + 2) === 47) {
    scan.bits |= features.schemes;
    scan.schemes.push(at);
    return;
  }
  colonStreak = at - lastColonAt <= 5 ? colonStreak + 1 : 1;
  if (colonStreak >= 3 || lastColonAt === at - 1) scan.bits |= features.colonGroups;
  lastColonAt = at;
  if (mayAssignSecret(text, at)) {
    scan.bits |= features.assignments;
    scan.assignments.push(at);
  }
}

function noteSpecial(text: string, at: number, code: number): void {
  switch (code) {
    case 64:
      scan.bits |= features.at;
      scan.ats.push(at);
      return;
    case 58:
      noteColon(text, at);
      return;
    case 61:
      if (mayAssignSecret(text, at)) {
        scan.bits |= features.assignments;
        scan.assignments.push(at);
      }
      return;
    case 37:
      if (text.startsWith('40', at + 1)) noteAt(at);
      return;
    case 38:
      if (text.startsWith('#64;', at + 1)) noteAt(at);
      return;
    case 92:
      if (text.startsWith('u0040', at + 1)) noteAt(at);
      return;
    case 0:
      scan.bits |= features.unstorable;
      return;
    default:
      scan.bits |= features.markup;
  }
}

function noteAt(at: number): void {
  scan.bits |= features.at;
  scan.ats.push(at);
}

function noteNonAscii(at: number, code: number): void {
  scan.bits |= features.nonAscii;
  if (code >= 0xd800 && code <= 0xdfff) scan.bits |= features.unstorable;
  else if (code === 0xff20) noteAt(at);
}

/** No-break and thin spaces and the hyphens that word processors put into numbers. */
const isUnicodeSeparator = (code: number): boolean =>
  code === 0xa0 ||
  code === 0x2009 ||
  code === 0x202f ||
  code === 0x2007 ||
  (code >= 0x2010 && code <= 0x2015);

function noteRun(start: number, end: number): void {
  if (end - start < tokenRunCharsMin) return;
  scan.bits |= features.runs;
  scan.runs.push(start, end);
}

function noteNumber(start: number, end: number, digits: number, dots: number): void {
  if (digits < numberDigitsMin && !(dots >= 3 && digits >= 4)) return;
  scan.bits |= features.numbers;
  scan.numbers.push(start, end);
}

const isCapital = (code: number): boolean => code >= 65 && code <= 90;

/** Marks two letters directly before two digits, and two capitals one blank before them. */
function noteLetterPair(text: string, at: number): void {
  if (!isDigit(text.charCodeAt(at + 1))) return;
  const hasBlank = text.charCodeAt(at - 1) === 32;
  const last = hasBlank ? at - 2 : at - 1;
  const isLetterPair = hasBlank
    ? isCapital(text.charCodeAt(last)) && isCapital(text.charCodeAt(last - 1))
    : isLetter(text.charCodeAt(last)) && isLetter(text.charCodeAt(last - 1));
  if (!isLetterPair) return;
  scan.bits |= features.letterPairs;
  scan.letterPairs.push(last - 1);
}

const isPass = (text: string, at: number): boolean =>
  (text.charCodeAt(at + 1) | 32) === 97 &&
  (text.charCodeAt(at + 2) | 32) === 115 &&
  (text.charCodeAt(at + 3) | 32) === 115;

/**
 * Scans `text` once. Linear, without allocation once the scratch lists have grown; the result is shared
 * with the next call.
 */
export function scanText(text: string): TextScan {
  resetScan();
  const units = unitsOf(text);
  const endAt = text.length;
  lastColonAt = -10;
  colonStreak = 0;
  let runStart = -1;
  let numberStart = -1;
  let lastDigitAt = -10;
  let lastBreakAt = -1;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at < endAt; at += 1) {
    const code = units[at] ?? 0;
    const what = kindOf[code] ?? 0;
    if (what === kind.letter) {
      if (runStart < 0) runStart = at;
      // Most of any text is letters after letters: they leave nothing else to note.
      while (at + 1 < endAt && kindOf[units[at + 1] ?? 0] === kind.letter) at += 1;
      lastBreakAt = at;
      continue;
    }
    if (what === kind.digit) {
      if (runStart < 0) runStart = at;
      if (lastBreakAt > lastDigitAt || at - lastDigitAt > 3) {
        if (digits >= 4) noteNumber(numberStart, lastDigitAt + 1, digits, dots);
        numberStart = at;
        digits = 0;
        dots = 0;
        if (at >= 2) noteLetterPair(text, at);
      }
      digits += 1;
      lastDigitAt = at;
      continue;
    }
    if (what === kind.p) {
      if (runStart < 0) runStart = at;
      lastBreakAt = at;
      if (isPass(text, at)) scan.bits |= features.pass;
      continue;
    }
    if (what === kind.joiner) {
      if (runStart < 0) runStart = at;
      if (units[at + 1] === 45 && text.startsWith('-----', at)) scan.bits |= features.dashes;
      continue;
    }
    if (runStart >= 0) {
      if (at - runStart >= tokenRunCharsMin) noteRun(runStart, at);
      runStart = -1;
    }
    if (what === kind.separator) {
      if (code === 46) dots += 1;
      continue;
    }
    if (code > 127) {
      noteNonAscii(at, code);
      if (isUnicodeSeparator(code)) continue;
    }
    lastBreakAt = at;
    if (what === kind.special) noteSpecial(text, at, code);
  }
  if (runStart >= 0) noteRun(runStart, endAt);
  if (digits >= 4) noteNumber(numberStart, lastDigitAt + 1, digits, dots);
  return scan;
}
