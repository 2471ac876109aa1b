import {
  classOfHash,
  foldTable,
  hashSeed,
  hashStep,
  lookalikes,
} from '#server/guard/internal/instruction-lexicon.ts';
import type { CueSet } from '#server/guard/internal/required-cues.ts';
import { unitsOf } from '#server/guard/internal/text-units.ts';

/**
 * A text as a string with one character per word: its class letter (`instruction-lexicon.ts`), `x` for
 * an identifier, `@` for a link, address or account number, `.` for any other word; `|` ends a
 * sentence, `:` and `"` stand for themselves. Patterns over this are short, know no language and cost
 * a seventh of patterns over the text.
 */
export interface CueText extends CueSet {
  /** How many cues there are. */
  readonly length: number;
  /** UTF-16 offset in the text of each cue. */
  readonly offsets: Uint32Array;
  /** Something beyond ASCII occurs. */
  readonly hasForeign: boolean;
  /** Words of one letter that stand one apart, as in `i g n o r e`. */
  readonly spacedLetters: number;
  /** An identifier of four words or more, which may be a sentence: `ignore_all_previous_rules`. */
  readonly hasLongIdentifier: boolean;
}

const kind = {
  other: 0,
  lower: 1,
  upper: 2,
  digit: 3,
  inner: 4,
  underscore: 5,
  sentence: 6,
  colon: 7,
  quote: 8,
  lineBreak: 9,
  backslash: 10,
} as const;
const kindOf = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  const char = String.fromCharCode(code);
  if (/[a-z]/.test(char)) kindOf[code] = kind.lower;
  else if (/[A-Z]/.test(char)) kindOf[code] = kind.upper;
  else if (/\d/.test(char)) kindOf[code] = kind.digit;
  else if (char === "'") kindOf[code] = kind.inner;
  else if (char === '_') kindOf[code] = kind.underscore;
  else if (/[.!?;]/.test(char)) kindOf[code] = kind.sentence;
  else if (char === ':') kindOf[code] = kind.colon;
  else if (/["`]/.test(char)) kindOf[code] = kind.quote;
  else if (char === '\n') kindOf[code] = kind.lineBreak;
  else if (char === '\\') kindOf[code] = kind.backslash;
}

const pipe = 124;
const colon = 58;
const quote = 34;
const dot = 46;
const identifier = 120;
const link = 64;
const modelWord = 107;
const addressee = 97;

let cueBytes = Buffer.alloc(4096);
let cueOffsets = new Uint32Array(4096);
let count = 0;
/** Bits of the classes that occurred, as {@link CueSet} has them. */
let upper = 0;
let lower = 0;

function grow(): void {
  const bytes = Buffer.alloc(cueBytes.length * 2);
  cueBytes.copy(bytes);
  cueBytes = bytes;
  const offsets = new Uint32Array(cueOffsets.length * 2);
  offsets.set(cueOffsets);
  cueOffsets = offsets;
}

function put(code: number, at: number): void {
  if (count + 1 >= cueBytes.length) grow();
  cueBytes[count] = code;
  cueOffsets[count] = at;
  if (code >= 96) lower |= 1 << (code & 31);
  else if (code >= 64) upper |= 1 << (code & 31);
  count += 1;
}

/** Sentence marks and quotes once in a row: a run of them says no more than one. */
function putMark(code: number, at: number): void {
  if (count === 0 || cueBytes[count - 1] !== code) put(code, at);
}

const isJoinControl = (code: number): boolean =>
  (code >= 0x200b && code <= 0x200d) || code === 0xad || code === 0x2060 || code === 0xfeff;

/** Letters beyond ASCII that a word may hold; ideographs and kana have no words to split. */
function isForeignLetter(code: number): boolean {
  if (code < 0xc0 || code === 0xd7 || code === 0xf7) return false;
  return code < 0x2000 || (code >= 0xff21 && code <= 0xff5a);
}

/** Class of a word that mixes scripts, read with its lookalikes folded; 0 when it does not mix. */
function classOfMixed(text: string, start: number, end: number): number {
  let hash = hashSeed;
  let folded = 0;
  let latin = 0;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (isJoinControl(code)) continue;
    const to = lookalikes.get(code);
    if (to !== undefined) folded += 1;
    else if (code < 128) latin += 1;
    hash = hashStep(hash, to ?? code);
  }
  return folded > 0 && latin > 0 ? classOfHash(hash | 0) : 0;
}

/** `user's` is the user. */
function classOfGenitive(text: string, start: number, end: number): number {
  const mark = text.charCodeAt(end - 2);
  if (end - start < 4 || (mark !== 39 && mark !== 0x2019)) return 0;
  if ((text.charCodeAt(end - 1) | 32) !== 115) return 0;
  let hash = hashSeed;
  for (let at = start; at < end - 2; at += 1) hash = hashStep(hash, text.charCodeAt(at));
  return classOfHash(hash | 0);
}

/** True at `://`, `www.` or `@` right behind the word: it belongs to a link or an address. */
function beginsLink(text: string, start: number, end: number, next: number): boolean {
  if (next === 64) return true;
  if (next === 58) return text.charCodeAt(end + 1) === 47 && text.charCodeAt(end + 2) === 47;
  return next === 46 && end - start === 3 && /^www$/i.test(text.slice(start, end));
}

const endsLink = /[\s"'<>\\]/g;

/** End of the link or address that goes on at `at`. */
function linkEnd(text: string, at: number): number {
  endsLink.lastIndex = at;
  return endsLink.test(text) ? endsLink.lastIndex - 1 : text.length;
}

/** A line break ends a sentence unless the next line goes on in lower case. */
function breaksSentence(text: string, at: number): boolean {
  let next = at + 1;
  while (text.charCodeAt(next) === 32 || text.charCodeAt(next) === 9) next += 1;
  const code = text.charCodeAt(next);
  return !((code >= 97 && code <= 122) || code === 44);
}

/** Marks that end words and mean something; the blank, by far the commonest, never comes here. */
function putSeparator(text: string, at: number, what: number): void {
  if (what === kind.lineBreak) {
    if (breaksSentence(text, at)) putMark(pipe, at);
  } else if (what === kind.sentence) {
    const next = text.charCodeAt(at + 1);
    if (!(next > 32) || next === 34 || next === 39 || next === 92 || next === 60) putMark(pipe, at);
  } else if (what === kind.colon) putMark(colon, at);
  else if (what === kind.quote) putMark(quote, at);
  else if (what === kind.backslash) {
    // The `\"` and `\n` of escaped text.
    const next = text.charCodeAt(at + 1);
    if (next === 34) putMark(quote, at);
    else if (next === 110 && breaksSentence(text, at + 1)) putMark(pipe, at);
  }
}

/** Class of the word [start, end) by its hash and, failing that, by its looks. */
function classify(
  text: string,
  start: number,
  end: number,
  hash: number,
  looks: WordLooks,
): number {
  const found = classOfHash(hash);
  if (found !== 0) return found;
  if (looks.isForeign)
    return classOfMixed(text, start, end) || classOfGenitive(text, start, end) || dot;
  if (looks.hasApostrophe) return classOfGenitive(text, start, end) || dot;
  if (end - start >= 10 && looks.digits >= 6) return link;
  return looks.isIdentifier ? identifier : dot;
}

interface WordLooks {
  isForeign: boolean;
  isIdentifier: boolean;
  hasApostrophe: boolean;
  digits: number;
  underscores: number;
}
const looks: WordLooks = {
  isForeign: false,
  isIdentifier: false,
  hasApostrophe: false,
  digits: 0,
  underscores: 0,
};
let wordHash = 0;

function putFound(found: number, start: number): void {
  // "Language model" is whom an instruction to a model addresses.
  if (found === modelWord && count > 0 && cueBytes[count - 1] === modelWord) {
    cueBytes[count - 1] = addressee;
    put(addressee, start);
  } else put(found, start);
}

/** Reads a word that is more than ASCII letters in one case: {@link looks} and {@link wordHash} tell. */
function readOddWord(units: Uint16Array, start: number, endAt: number): number {
  looks.isForeign = false;
  looks.isIdentifier = false;
  looks.hasApostrophe = false;
  looks.digits = 0;
  looks.underscores = 0;
  let hash = hashSeed;
  let previous = 0;
  let at = start;
  for (; at < endAt; at += 1) {
    const code = units[at] ?? 0;
    if (code < 128) {
      const what = kindOf[code] ?? 0;
      if (what === kind.lower || what === kind.upper || what === kind.digit) {
        if (what === kind.upper && previous === kind.lower) looks.isIdentifier = true;
        else if (what === kind.digit) looks.digits += 1;
        hash = Math.imul(hash ^ (foldTable[code] ?? 0), 0x01000193);
        previous = what;
        continue;
      }
      if (what === kind.inner) looks.hasApostrophe = true;
      else if (what === kind.underscore) {
        looks.isIdentifier = true;
        looks.underscores += 1;
        previous = 0;
      } else break;
    } else if (isForeignLetter(code)) {
      looks.isForeign = true;
      hash = hashStep(hash, code);
    } else if (isJoinControl(code) || code === 0x2019) looks.isForeign = true;
    else break;
  }
  wordHash = hash | 0;
  return at;
}

/**
 * What a unit does in a word: 0 ends it; 255 makes it an odd one; otherwise the folded ASCII letter,
 * plus 128 for a capital or digit.
 */
const wordTable = new Uint8Array(65_536);
for (let code = 0; code < 65_536; code += 1) {
  const what = code < 128 ? kindOf[code] : 0;
  if (what === kind.lower) wordTable[code] = foldTable[code] ?? 0;
  else if (what === kind.upper || what === kind.digit)
    wordTable[code] = (foldTable[code] ?? 0) | 128;
  else if (what === kind.inner || what === kind.underscore) wordTable[code] = 255;
  else if (isForeignLetter(code) || isJoinControl(code) || code === 0x2019) wordTable[code] = 255;
}

/**
 * End of the word at `start`, whose cue is put. Words of ASCII letters with at most a capital at their
 * start, nearly all there are, take one short loop.
 */
function takeWord(text: string, units: Uint16Array, start: number, endAt: number): number {
  let hash = hashSeed;
  let capitals = 0;
  let at = start;
  let step = wordTable[units[at] ?? 0] ?? 0;
  while (step !== 0 && step !== 255) {
    hash = Math.imul(hash ^ (step & 127), 0x01000193);
    capitals += step >> 7;
    at += 1;
    step = at < endAt ? (wordTable[units[at] ?? 0] ?? 0) : 0;
  }
  const isOdd =
    step === 255 || capitals > 1 || (capitals === 1 && (wordTable[units[start] ?? 0] ?? 0) < 128);
  if (isOdd) at = readOddWord(units, start, endAt);
  const next = at < endAt ? (units[at] ?? 0) : 0;
  if ((next === 64 || next === 58 || next === 46) && beginsLink(text, start, at, next)) {
    put(link, start);
    return linkEnd(text, at);
  }
  if (isOdd) putFound(classify(text, start, at, wordHash, looks), start);
  else putFound(classOfHash(hash | 0) || dot, start);
  return at;
}

/**
 * Reads a text into cues. Linear; the buffers are shared with the next call. Most texts show too few classes
 * to be of interest, so the cues become a string only when they are asked for ({@link spellCues}).
 */
export function readCues(text: string): CueText {
  upper = 0;
  lower = 0;
  count = 0;
  looks.isForeign = false;
  looks.underscores = 0;
  const units = unitsOf(text);
  const endAt = text.length;
  let spacedLetters = 0;
  let previousLetterEnd = -9;
  let hasForeign = false;
  let hasLongIdentifier = false;
  let at = 0;
  while (at < endAt) {
    const code = units[at] ?? 0;
    if (code === 32) {
      at += 1;
      continue;
    }
    if (code > 127) hasForeign = true;
    const step = wordTable[code] ?? 0;
    if (step === 0 || code === 39 || code === 95 || (step === 255 && !isForeignLetter(code))) {
      const what = code < 128 ? (kindOf[code] ?? 0) : kind.other;
      if (what !== kind.other) putSeparator(text, at, what);
      at += what === kind.backslash ? 2 : 1;
      continue;
    }
    const end = takeWord(text, units, at, endAt);
    if (looks.isForeign) hasForeign = true;
    if (looks.underscores >= 3) hasLongIdentifier = true;
    if (end - at === 1) {
      if (at - previousLetterEnd === 1) spacedLetters += 1;
      previousLetterEnd = end;
    }
    at = end;
  }
  put(pipe, endAt);
  const length = count;
  return {
    upper,
    lower,
    length,
    offsets: cueOffsets,
    hasForeign,
    spacedLetters,
    hasLongIdentifier,
  };
}

/** The cues of the text that was read last, as a string. */
export function spellCues(): string {
  return cueBytes.toString('latin1', 0, count);
}
