import { limits } from '#server/kernel/limits.ts';
import type { CanaryForm, CanaryMatch, CanaryMatcher, CanaryText } from '#server/guard/contract.ts';

/** Window of the rolling hash: no longer than the shortest marker that may be registered. */
const windowChars = limits.canaryCharsMin;

interface Pattern {
  readonly canary: CanaryText;
  readonly form: CanaryForm;
  /** Folded and without blanks. */
  readonly units: Uint16Array;
}

const base = 0x01000193;
const bitmapBits = 1 << 20;

/** base ** windowChars: what the unit that leaves the window weighs. */
let leaving = 1;
for (let count = 0; count < windowChars; count += 1) leaving = Math.imul(leaving, base);

const isBlank = (code: number): boolean =>
  code <= 32 ||
  code === 0xa0 ||
  code === 0xad ||
  code === 0xfeff ||
  (code >= 0x2000 && code <= 0x200f) ||
  code === 0x2060 ||
  code === 0x3000;

const foldedByCode = new Map<number, string>();
const foldedMax = 4096;

/** One character in compatibility form and lower case; remembered, since a text repeats its letters. */
function foldCharacter(char: string, code: number): string {
  const known = foldedByCode.get(code);
  if (known !== undefined) return known;
  const folded = char.normalize('NFKC').toLowerCase();
  if (foldedByCode.size >= foldedMax) foldedByCode.clear();
  foldedByCode.set(code, folded);
  return folded;
}

interface Folded {
  units: Uint16Array;
  offsets: Uint32Array;
  length: number;
}
const scratch: Folded = { units: new Uint16Array(4096), offsets: new Uint32Array(4096), length: 0 };

function room(folded: Folded, needed: number): void {
  if (folded.units.length >= needed) return;
  const size = Math.max(needed, folded.units.length * 2);
  const units = new Uint16Array(size);
  units.set(folded.units);
  const offsets = new Uint32Array(size);
  offsets.set(folded.offsets);
  folded.units = units;
  folded.offsets = offsets;
}

/** Blanks out, case and compatibility forms folded; every unit remembers where it came from. */
function fold(text: string, into: Folded): Folded {
  into.length = 0;
  room(into, text.length + 16);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) continue;
    if (code < 128) {
      into.units[into.length] = code >= 65 && code <= 90 ? code + 32 : code;
      into.offsets[into.length] = at;
      into.length += 1;
      continue;
    }
    const point = text.codePointAt(at) ?? code;
    const folded = foldCharacter(String.fromCodePoint(point), point);
    room(into, into.length + folded.length + text.length - at + 16);
    for (let index = 0; index < folded.length; index += 1) {
      into.units[into.length] = folded.charCodeAt(index);
      into.offsets[into.length] = at;
      into.length += 1;
    }
    if (point > 0xffff) at += 1;
  }
  return into;
}

function foldedUnits(text: string): Uint16Array {
  const folded = fold(text, {
    units: new Uint16Array(64),
    offsets: new Uint32Array(64),
    length: 0,
  });
  return folded.units.slice(0, folded.length);
}

/** What base64 shows of `bytes` at any of its three alignments: the edges mix with the neighbours. */
function base64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const skip = shift === 0 ? 0 : shift + 1;
    const cut = (shift + bytes.length) % 3 === 0 ? 0 : 1;
    return encoded.slice(skip, encoded.length - cut);
  });
}

function patternsOf(canary: CanaryText): Pattern[] {
  const bytes = Buffer.from(canary.text, 'utf8');
  const encoded = base64Cores(bytes);
  const spellings: readonly (readonly [CanaryForm, string])[] = [
    ['plain', canary.text],
    ...encoded.map((text) => ['base64', text] as const),
    ...encoded.map((text) => ['base64', text.replaceAll('+', '-').replaceAll('/', '_')] as const),
    ['hex', bytes.toString('hex')],
    ['url_encoded', encodeURIComponent(canary.text.toWellFormed())],
    ['reversed', Array.from(canary.text).reverse().join('')],
  ];
  const seen = new Set<string>();
  const patterns: Pattern[] = [];
  for (const [form, text] of spellings) {
    const units = foldedUnits(text);
    const key = units.join(',');
    if (units.length < windowChars || seen.has(key)) continue;
    seen.add(key);
    patterns.push({ canary, form, units });
  }
  return patterns;
}

function hashOf(units: Uint16Array): number {
  let hash = 0;
  for (let at = 0; at < windowChars; at += 1) hash = (Math.imul(hash, base) + (units[at] ?? 0)) | 0;
  return hash;
}

const bitOf = (hash: number): number => (hash ^ (hash >>> 12)) & (bitmapBits - 1);

/** `plain` as found: letter by letter, but for case and forms, or with blanks between. */
function formAsFound(pattern: Pattern, text: string): CanaryForm {
  if (pattern.form !== 'plain' || text === pattern.canary.text) return pattern.form;
  const isFolded =
    text.normalize('NFKC').toLowerCase() === pattern.canary.text.normalize('NFKC').toLowerCase();
  return isFolded ? 'folded' : 'unspaced';
}

const nothing: readonly CanaryMatch[] = [];
/** A text full of one canary proves no more than the first few. */
const matchesMax = 32;

class RollingMatcher implements CanaryMatcher {
  readonly size: number;
  readonly #bitmap = new Uint8Array(bitmapBits >> 3);
  readonly #patternsByHash = new Map<number, Pattern[]>();

  constructor(canaries: readonly CanaryText[]) {
    this.size = canaries.length;
    for (const pattern of canaries.flatMap(patternsOf)) {
      const hash = hashOf(pattern.units);
      const bit = bitOf(hash);
      this.#bitmap[bit >> 3] = (this.#bitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
      this.#patternsByHash.set(hash, [...(this.#patternsByHash.get(hash) ?? []), pattern]);
    }
  }

  #patternAt(folded: Folded, start: number, hash: number): Pattern | null {
    for (const pattern of this.#patternsByHash.get(hash) ?? []) {
      const { units } = pattern;
      if (start + units.length > folded.length) continue;
      let at = 0;
      while (at < units.length && folded.units[start + at] === units[at]) at += 1;
      if (at === units.length) return pattern;
    }
    return null;
  }

  find(text: string): readonly CanaryMatch[] {
    if (this.size === 0 || text.length < windowChars) return nothing;
    const folded = fold(text, scratch);
    const { units, length } = folded;
    let matches: CanaryMatch[] | null = null;
    let hash = 0;
    for (let at = 0; at < length; at += 1) {
      hash = (Math.imul(hash, base) + (units[at] ?? 0)) | 0;
      if (at >= windowChars) hash = (hash - Math.imul(units[at - windowChars] ?? 0, leaving)) | 0;
      else if (at < windowChars - 1) continue;
      const bit = bitOf(hash);
      if (((this.#bitmap[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) continue;
      const from = at - windowChars + 1;
      const pattern = this.#patternAt(folded, from, hash);
      if (pattern === null) continue;
      const start = folded.offsets[from] ?? 0;
      const end = (folded.offsets[from + pattern.units.length - 1] ?? 0) + 1;
      matches ??= [];
      matches.push({
        canaryId: pattern.canary.id,
        name: pattern.canary.name ?? null,
        homes: pattern.canary.homes,
        form: formAsFound(pattern, text.slice(start, end)),
        start,
        end,
      });
      if (matches.length >= matchesMax) break;
    }
    return matches ?? nothing;
  }
}

/**
 * Compiles a tenant's canaries. One pass over a text, whatever their number: it is folded (blanks and
 * invisible characters out, NFKC, lower case), and a rolling hash over eight characters asks a bitmap
 * whether anything could begin here. Besides the text itself its base64 at all three alignments, hex,
 * URL encoding and reversal are known; each also in any case and with blanks inside.
 *
 * Texts shorter than `limits.canaryCharsMin` without blanks are left out: they would turn up by chance.
 */
export function createCanaryMatcher(canaries: readonly CanaryText[]): CanaryMatcher {
  return new RollingMatcher(canaries);
}
