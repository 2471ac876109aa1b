import { classOfForeign } from '#server/guard/classifier/foreign-concepts.ts';
import {
  classOfHash,
  hashSeed,
  hashStep,
  lookalikes,
} from '#server/guard/internal/instruction-lexicon.ts';
import { unitsOf } from '#server/guard/internal/text-units.ts';

/**
 * A text as words, flat and reused by the next call: read it before that. A word of a script without
 * blanks (Chinese, Japanese, Thai) is a pair of neighbouring characters.
 */
export interface WordList {
  count: number;
  /** FNV-1a of the folded word: case, full-width, leetspeak and lookalike letters are gone. */
  hashes: Int32Array;
  /** The same of the first letters alone, so that inflected forms meet. */
  stems: Int32Array;
  /** Class letter of the word (`instruction-lexicon.ts`), 0 for a word without a part. */
  classes: Uint8Array;
  /** 1 where a sentence, line or cell begins. */
  opens: Uint8Array;
  /** UTF-16 offsets of the word in the text, `ends` exclusive. */
  starts: Uint32Array;
  ends: Uint32Array;
}

const stemChars = 5;
const hangulStemChars = 2;

const kind = { blank: 0, letter: 1, digit: 2, mark: 3, invisible: 4, pair: 5, hangul: 6 } as const;

const kindOf = new Uint8Array(65_536);
for (let code = 0; code < 65_536; code += 1) {
  const char = String.fromCharCode(code);
  if (/[A-Za-z]/.test(char)) kindOf[code] = kind.letter;
  else if (/[0-9]/.test(char)) kindOf[code] = kind.digit;
  else if (/[.!?;:\n\r|<>{}[\]"“”„«»。！？；：，、（）]/.test(char)) kindOf[code] = kind.mark;
  else if (/\p{Default_Ignorable_Code_Point}/u.test(char)) kindOf[code] = kind.invisible;
  else if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(char))
    kindOf[code] = kind.pair;
  else if (/\p{Script=Hangul}/u.test(char)) kindOf[code] = kind.hangul;
  else if (/[\p{L}\p{M}]/u.test(char)) kindOf[code] = kind.letter;
}

const room = 1024;
const words: WordList = {
  count: 0,
  hashes: new Int32Array(room),
  stems: new Int32Array(room),
  classes: new Uint8Array(room),
  opens: new Uint8Array(room),
  starts: new Uint32Array(room),
  ends: new Uint32Array(room),
};

function grow(): void {
  const size = words.hashes.length * 2;
  for (const name of ['hashes', 'stems'] as const) {
    const larger = new Int32Array(size);
    larger.set(words[name]);
    words[name] = larger;
  }
  for (const name of ['classes', 'opens'] as const) {
    const larger = new Uint8Array(size);
    larger.set(words[name]);
    words[name] = larger;
  }
  for (const name of ['starts', 'ends'] as const) {
    const larger = new Uint32Array(size);
    larger.set(words[name]);
    words[name] = larger;
  }
}

let isOpening = true;

function put(hash: number, stem: number, letter: number, start: number, end: number): void {
  if (words.count === words.hashes.length) grow();
  const at = words.count;
  words.hashes[at] = hash;
  words.stems[at] = stem;
  words.classes[at] = letter;
  words.opens[at] = isOpening ? 1 : 0;
  words.starts[at] = start;
  words.ends[at] = end;
  words.count += 1;
  isOpening = false;
}

/** What a word stands for when its letters say nothing: a link, an address, a number, an id. */
const linkHash = hashStep(hashSeed, 1);
const addressHash = hashStep(hashSeed, 2);
const numberHash = hashStep(hashSeed, 3);
const idHash = hashStep(hashSeed, 4);

const endsLink = (code: number): boolean =>
  code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 92;

function skipLink(units: Uint16Array, from: number, length: number): number {
  let at = from;
  while (at < length && !endsLink(units[at] ?? 0)) at += 1;
  return at;
}

/** A word that mixes scripts, with its lookalikes folded; the plain hash when it does not mix. */
function foldMixed(units: Uint16Array, start: number, end: number): number {
  let hash = hashSeed;
  for (let at = start; at < end; at += 1) {
    const code = units[at] ?? 0;
    if (kindOf[code] !== kind.invisible) hash = hashStep(hash, lookalikes.get(code) ?? code);
  }
  return hash | 0;
}

/** Longer runs are no words but blobs; their letters say nothing. */
const wordCharsMax = 40;

/** Reads one word that begins at `start`; answers where it ends. */
function readWord(units: Uint16Array, start: number, length: number): number {
  let hash = hashSeed;
  let stem = hashSeed;
  let letters = 0;
  let digits = 0;
  let latin = 0;
  let foreign = 0;
  let hangul = 0;
  let at = start;
  for (; at < length; at += 1) {
    const code = units[at] ?? 0;
    const what = kindOf[code] ?? 0;
    if (what === kind.invisible) continue;
    if (what === kind.digit) digits += 1;
    else if (what === kind.letter) {
      letters += 1;
      if (code < 128) latin += 1;
      else if (code >= 0x370 && code < 0x530) foreign += 1;
    } else if (what === kind.hangul) {
      letters += 1;
      hangul += 1;
    } else break;
    hash = hashStep(hash, code);
    if (letters + digits <= (hangul > 0 ? hangulStemChars : stemChars)) stem = hash;
  }
  const next = units[at];
  if (next === 64 && at > start) {
    const end = skipLink(units, at, length);
    put(addressHash, addressHash, 64, start, end);
    return end;
  }
  if (next === 58 && units[at + 1] === 47 && units[at + 2] === 47) {
    const end = skipLink(units, at, length);
    put(linkHash, linkHash, 64, start, end);
    return end;
  }
  if (letters === 0) put(numberHash, numberHash, 0, start, at);
  else if (digits > letters || digits > 4 || at - start > wordCharsMax)
    put(idHash, idHash, 0, start, at);
  else {
    const whole = latin > 0 && foreign > 0 ? foldMixed(units, start, at) : hash | 0;
    const isForeign = latin === 0;
    const letter = classOfHash(whole) || (isForeign ? classOfForeign(whole, stem | 0) : 0);
    put(whole, stem | 0, letter, start, at);
  }
  return at;
}

function readPair(units: Uint16Array, at: number): void {
  const code = units[at] ?? 0;
  const next = units[at + 1] ?? 0;
  const one = hashStep(hashSeed, code) | 0;
  const both = kindOf[next] === kind.pair ? hashStep(one, next) | 0 : one;
  put(both, one, classOfForeign(both, both), at, at + (both === one ? 1 : 2));
}

/** Splits a text into words. Linear; allocates nothing once the scratch lists have grown. */
export function readWords(text: string): WordList {
  words.count = 0;
  isOpening = true;
  const units = unitsOf(text);
  const { length } = text;
  let at = 0;
  while (at < length) {
    const code = units[at] ?? 0;
    const what = kindOf[code] ?? 0;
    if (what === kind.blank || what === kind.invisible) at += 1;
    else if (what === kind.mark) {
      // `\n` written out ends a line as well: texts inside JSON and Python's own spelling have it so.
      isOpening = true;
      at += 1;
    } else if (what === kind.pair) {
      readPair(units, at);
      at += 1;
    } else {
      const end = readWord(units, at, length);
      at = end > at ? end : at + 1;
    }
    if (units[at] === 92 && (units[at + 1] === 110 || units[at + 1] === 116)) {
      isOpening = true;
      at += 2;
    }
  }
  return words;
}
