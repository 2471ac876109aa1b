import { lookalikes } from '#server/guard/internal/instruction-lexicon.ts';

/** A text as canaries are looked for in it; shared and overwritten, so that a text allocates nothing. */
export interface Folded {
  /** UTF-16 code units without disguise. */
  units: Uint16Array;
  /** Where in the text each unit's character begins. */
  offsets: Uint32Array;
  length: number;
  /** Letters that stand alone between two separators: `b.l.u.e` has two. */
  spacedLetters: number;
  /** Characters without a glyph that can spell ASCII. */
  smuggled: number;
}

const firstSize = 4096;

export function makeFolded(size: number = firstSize): Folded {
  return {
    units: new Uint16Array(size),
    offsets: new Uint32Array(size),
    length: 0,
    spacedLetters: 0,
    smuggled: 0,
  };
}

function makeRoom(folded: Folded, needed: number): void {
  if (folded.units.length >= needed) return;
  const { units, offsets } = folded;
  const size = Math.max(needed, units.length * 2);
  folded.units = new Uint16Array(size);
  folded.units.set(units);
  folded.offsets = new Uint32Array(size);
  folded.offsets.set(offsets);
}

/** What an ASCII character is to the fold. */
const asciiKind = { plain: 0, blank: 1, separator: 2, percent: 3, backslash: 4 } as const;
/** Put between the letters of a word that should not be recognised. */
const separators = '.-_*';

function kindOfAscii(code: number): number {
  const char = String.fromCharCode(code);
  if (code <= 32) return asciiKind.blank;
  if (separators.includes(char)) return asciiKind.separator;
  if (char === '%') return asciiKind.percent;
  return char === '\\' ? asciiKind.backslash : asciiKind.plain;
}
const asciiKinds = Uint8Array.from({ length: 128 }, (_, code) => kindOfAscii(code));
const smallOf = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);
/** Ordinary characters as they are compared; 0 for those that need a second look. */
const plainUnits = asciiKinds.map((kind, code) => (kind === asciiKind.plain ? smallOf(code) : 0));

export const isSeparator = (code: number): boolean =>
  code < 128 && asciiKinds[code] === asciiKind.separator;

/** Greek capitals whose Latin twin is not that of the small letter. */
const capitalTwins = new Map(
  Array.from('ΒbΖzΗhΜmΝnΥyΧx'.matchAll(/(.)(.)/gu), ([, a, b]) => [a, b]),
);
const unseen = /[\s\p{Default_Ignorable_Code_Point}\p{Script=Inherited}]/gu;

/** Compatibility form, small, without marks, lookalikes of other alphabets as the Latin letter. */
function foldAnew(char: string): string {
  const bare = char.normalize('NFKD').replace(unseen, '');
  const small = (capitalTwins.get(bare) ?? bare)
    .toLowerCase()
    .normalize('NFKD')
    .replace(unseen, '');
  let folded = '';
  for (let at = 0; at < small.length; at += 1) {
    const code = small.charCodeAt(at);
    folded += String.fromCharCode(lookalikes.get(code) ?? code);
  }
  return folded;
}

const foldedByCode = new Map<number, string>();
const foldedMax = 4096;

/** Remembered, since a text repeats its letters. */
function foldCharacter(point: number): string {
  const known = foldedByCode.get(point);
  if (known !== undefined) return known;
  const folded = foldAnew(String.fromCodePoint(point));
  if (foldedByCode.size >= foldedMax) foldedByCode.clear();
  foldedByCode.set(point, folded);
  return folded;
}

/** Digits as numbers; 255 for what is no hexadecimal digit. */
const hexValues = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 255 : value;
});

/** Value of `digits` hexadecimal digits at an offset; -1 when they are none. */
function readHex(text: string, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const code = text.charCodeAt(index);
    const digit = code < 128 ? (hexValues[code] ?? 255) : 255;
    if (digit === 255) return -1;
    value = value * 16 + digit;
  }
  return value;
}

interface Escape {
  point: number;
  /** UTF-16 code units that the escape takes. */
  length: number;
}
/** Overwritten by every read. */
const escape: Escape = { point: 0, length: 0 };

function take(point: number, length: number): boolean {
  escape.point = point;
  escape.length = length;
  return true;
}

/** How many bytes of UTF-8 follow a first byte (RFC 3629); -1 for a byte that begins nothing. */
function bytesAfter(first: number): number {
  if (first < 0x80) return 0;
  if (first < 0xc2 || first > 0xf4) return -1;
  if (first < 0xe0) return 1;
  return first < 0xf0 ? 2 : 3;
}

/** `%42`, or the `%xx` of all bytes of one character in UTF-8 (RFC 3986, 2.1). */
function readPercent(text: string, at: number): boolean {
  const first = readHex(text, at + 1, 2);
  const more = first < 0 ? -1 : bytesAfter(first);
  if (more < 0) return false;
  let point = more === 0 ? first : first & (0x3f >> more);
  for (let index = 1; index <= more; index += 1) {
    const start = at + 3 * index;
    const byte = text.charAt(start) === '%' ? readHex(text, start + 1, 2) : -1;
    if (byte < 0 || byte >> 6 !== 2) return false;
    point = (point << 6) | (byte & 0x3f);
  }
  return point <= 0x10ffff && take(point, 3 * (more + 1));
}

/** `\x42` and `\u0042`, as most languages write them. Of a pair of surrogates each is read alone. */
function readBackslash(text: string, at: number): boolean {
  const digits = { x: 2, u: 4 }[text.charAt(at + 1)];
  if (digits === undefined) return false;
  const point = readHex(text, at + 2, digits);
  return point >= 0 && take(point, 2 + digits);
}

/** Reads an escape into `escape`; false where none begins. */
const readEscape = (text: string, at: number, kind: number): boolean =>
  kind === asciiKind.percent ? readPercent(text, at) : readBackslash(text, at);

/** The byte that a tag or a variation selector can stand for; -1 for other characters. */
export function smuggledByte(point: number): number {
  if (point >= 0xe0020 && point < 0xe007f) return point - 0xe0000;
  if (point >= 0xe0100 && point <= 0xe01ef) return point - 0xe0100 + 16;
  return -1;
}

class Folding {
  readonly #into: Folded;
  #lastSeparator = -1;

  constructor(into: Folded) {
    this.#into = into;
    into.length = 0;
    into.spacedLetters = 0;
    into.smuggled = 0;
  }

  /** One ASCII character that is no blank. */
  addAscii(code: number, at: number): void {
    const into = this.#into;
    if (asciiKinds[code] === asciiKind.separator) {
      if (into.length - this.#lastSeparator === 2) into.spacedLetters += 1;
      this.#lastSeparator = into.length;
    }
    into.units[into.length] = smallOf(code);
    into.offsets[into.length] = at;
    into.length += 1;
  }

  /** Any character; `rest` characters of the text may still need room. */
  addPoint(point: number, at: number, rest: number): void {
    const into = this.#into;
    if (point < 128) {
      if (point > 32) this.addAscii(point, at);
      return;
    }
    if (point >= 0xe0020 && smuggledByte(point) >= 0) into.smuggled += 1;
    const folded = foldCharacter(point);
    makeRoom(into, into.length + folded.length + rest + 16);
    for (let index = 0; index < folded.length; index += 1) {
      into.units[into.length] = folded.charCodeAt(index);
      into.offsets[into.length] = at;
      into.length += 1;
    }
  }

  /** What is no ordinary ASCII character; the offset of its last code unit. */
  addOdd(text: string, code: number, at: number): number {
    const rest = text.length - at;
    if (code >= 128) {
      const point = text.codePointAt(at) ?? code;
      this.addPoint(point, at, rest);
      return point > 0xffff ? at + 1 : at;
    }
    const kind = asciiKinds[code] ?? 0;
    if (kind === asciiKind.separator) this.addAscii(code, at);
    else if (readEscape(text, at, kind)) {
      this.addPoint(escape.point, at, rest);
      return at + escape.length - 1;
    } else if (kind === asciiKind.percent) this.addAscii(code, at);
    return at;
  }
}

/**
 * Takes the disguises off a text, in one pass: blanks, invisible characters, direction controls and
 * marks on letters go, escapes (`%42`, `\x42`, `\u0042`) are read, letters are compared small, in
 * compatibility form and as the Latin letter that they pass for. Escapes are read once: what an escape
 * spells is no escape. A backslash that begins none goes too: Markdown writes `\_`, JSON within JSON
 * `\\u0042`.
 */
export function foldDisguised(text: string, into: Folded): Folded {
  makeRoom(into, text.length + 16);
  const folding = new Folding(into);
  let { units, offsets } = into;
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const plain = code < 128 ? (plainUnits[code] ?? 0) : 0;
    if (plain !== 0) {
      units[length] = plain;
      offsets[length] = at;
      length += 1;
      continue;
    }
    if (code <= 32) continue;
    into.length = length;
    at = folding.addOdd(text, code, at);
    ({ units, offsets, length } = into);
  }
  into.length = length;
  return into;
}

/** Where the character ends that begins at an offset, as the fold reads characters. */
export function characterEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 128) return at + ((text.codePointAt(at) ?? code) > 0xffff ? 2 : 1);
  const kind = asciiKinds[code] ?? 0;
  return at + (kind >= asciiKind.percent && readEscape(text, at, kind) ? escape.length : 1);
}

/** A folded text without the separators between its letters. */
export function dropSeparators(folded: Folded, into: Folded): Folded {
  makeRoom(into, folded.length);
  into.length = 0;
  for (let at = 0; at < folded.length; at += 1) {
    const unit = folded.units[at] ?? 0;
    if (isSeparator(unit)) continue;
    into.units[into.length] = unit;
    into.offsets[into.length] = folded.offsets[at] ?? 0;
    into.length += 1;
  }
  return into;
}

/** What the tags and variation selectors of a text spell, of which a reader sees nothing. */
export function foldSmuggled(text: string, into: Folded): Folded {
  makeRoom(into, text.length + 16);
  const folding = new Folding(into);
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) !== 0xdb40) continue;
    const byte = smuggledByte(text.codePointAt(at) ?? 0);
    if (byte > 32 && byte < 128) folding.addAscii(byte, at);
    at += 1;
  }
  return into;
}
