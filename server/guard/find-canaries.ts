import { limits } from '#server/kernel/limits.ts';
import type { CanaryForm, CanaryMatch, CanaryMatcher, CanaryText } from '#server/guard/contract.ts';
import { type CanaryPattern, patternsOf } from '#server/guard/internal/canary-patterns.ts';
import {
  characterEnd,
  dropSeparators,
  type Folded,
  foldDisguised,
  foldSmuggled,
  isSeparator,
  makeFolded,
} from '#server/guard/internal/fold-disguised.ts';

/** Window of the rolling hash: no longer than the shortest marker that may be registered. */
const windowChars = limits.canaryCharsMin;

const base = 0x01000193;
const bitmapBits = 1 << 20;

/** base ** windowChars: what the unit that leaves the window weighs. */
let leaving = 1;
for (let count = 0; count < windowChars; count += 1) leaving = Math.imul(leaving, base);

const scratch = makeFolded();
const smuggledScratch = makeFolded();
const bareScratch = makeFolded();

function hashOf(units: Uint16Array): number {
  let hash = 0;
  for (let at = 0; at < windowChars; at += 1) hash = (Math.imul(hash, base) + (units[at] ?? 0)) | 0;
  return hash;
}

const bitOf = (hash: number): number => (hash ^ (hash >>> 12)) & (bitmapBits - 1);

const escapes = /%[0-9a-f]{2}|\\(?:x[0-9a-f]{2}|u[0-9a-f]{4})/i;

/** `plain` as found: letter by letter, but for case and forms, with escapes, or with more between. */
function formAsFound(pattern: CanaryPattern, text: string): CanaryForm {
  if (pattern.form !== 'plain' || text === pattern.canary.text) return pattern.form;
  const [escaped] = escapes.exec(text) ?? [];
  if (escaped !== undefined && !pattern.canary.text.includes(escaped))
    return escaped.startsWith('%') ? 'url_encoded' : 'escaped';
  const hasOwnBlanks = blanksOf(text) === blanksOf(pattern.canary.text);
  return hasOwnBlanks && !pattern.isBare ? 'folded' : 'unspaced';
}

/** How many characters keep letters apart, seen or unseen; marks on letters keep nothing apart. */
const blanksOf = (text: string): number =>
  text.match(/[\s\p{Default_Ignorable_Code_Point}]/gu)?.length ?? 0;

/** So many letters alone between separators are no initials and no version number. */
const spacedLettersMin = windowChars - 2;

const nothing: readonly CanaryMatch[] = [];
/** A text full of one canary proves no more than the first few. */
const matchesMax = 32;

/** A stretch between separators is spelled out when there is one to every other letter. */
function isSpelledOut(text: string, letters: number): boolean {
  let found = 0;
  for (let at = 0; at < text.length; at += 1) if (isSeparator(text.charCodeAt(at))) found += 1;
  return found * 2 >= letters;
}

/** How a folded text came about, and so which patterns count in it. */
type Reading = 'whole' | 'smuggled' | 'bare';

class RollingMatcher implements CanaryMatcher {
  readonly size: number;
  readonly #bitmap = new Uint8Array(bitmapBits >> 3);
  readonly #patternsByHash = new Map<number, CanaryPattern[]>();

  constructor(canaries: readonly CanaryText[]) {
    this.size = canaries.length;
    for (const pattern of canaries.flatMap((canary) => patternsOf(canary, windowChars))) {
      const hash = hashOf(pattern.units);
      const bit = bitOf(hash);
      this.#bitmap[bit >> 3] = (this.#bitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
      this.#patternsByHash.set(hash, [...(this.#patternsByHash.get(hash) ?? []), pattern]);
    }
  }

  #patternAt(folded: Folded, start: number, hash: number, isBare: boolean): CanaryPattern | null {
    for (const pattern of this.#patternsByHash.get(hash) ?? []) {
      const { units } = pattern;
      if (pattern.isBare !== isBare || start + units.length > folded.length) continue;
      let at = 0;
      while (at < units.length && folded.units[start + at] === units[at]) at += 1;
      if (at === units.length) return pattern;
    }
    return null;
  }

  /** Adds what one reading of the text holds. */
  #search(text: string, folded: Folded, reading: Reading, matches: CanaryMatch[]): void {
    const { units, length } = folded;
    const bitmap = this.#bitmap;
    let hash = 0;
    for (let at = 0; at < length; at += 1) {
      hash = (Math.imul(hash, base) + (units[at] ?? 0)) | 0;
      if (at >= windowChars) hash = (hash - Math.imul(units[at - windowChars] ?? 0, leaving)) | 0;
      else if (at < windowChars - 1) continue;
      const bit = bitOf(hash);
      if (((bitmap[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) continue;
      const from = at - windowChars + 1;
      const pattern = this.#patternAt(folded, from, hash, reading === 'bare');
      if (pattern === null) continue;
      const start = folded.offsets[from] ?? 0;
      const end = characterEnd(text, folded.offsets[from + pattern.units.length - 1] ?? 0);
      const found = text.slice(start, end);
      if (reading === 'bare' && !isSpelledOut(found, pattern.units.length)) continue;
      matches.push({
        canaryId: pattern.canary.id,
        name: pattern.canary.name ?? null,
        homes: pattern.canary.homes,
        form: reading === 'smuggled' ? 'hidden' : formAsFound(pattern, found),
        start,
        end,
      });
      if (matches.length >= matchesMax) break;
    }
  }

  find(text: string): readonly CanaryMatch[] {
    if (this.size === 0 || text.length < windowChars) return nothing;
    const matches: CanaryMatch[] = [];
    const folded = foldDisguised(text, scratch);
    this.#search(text, folded, 'whole', matches);
    if (folded.spacedLetters >= spacedLettersMin)
      this.#search(text, dropSeparators(folded, bareScratch), 'bare', matches);
    if (folded.smuggled >= windowChars)
      this.#search(text, foldSmuggled(text, smuggledScratch), 'smuggled', matches);
    if (matches.length === 0) return nothing;
    return matches.sort((a, b) => a.start - b.start || a.end - b.end);
  }
}

/**
 * Compiles a tenant's canaries. Whatever their number, a text is passed over once: its disguises come
 * off (`fold-disguised.ts`), and a rolling hash over eight characters asks a bitmap whether anything
 * could begin here. Besides the text itself its base64 at all three alignments, hex, the spelling of
 * forms and reversal are known. Only a text whose letters stand alone between separators, or that
 * spells something with characters without a glyph, is passed over again.
 *
 * Texts shorter than `limits.canaryCharsMin` once folded are left out: they would turn up by chance.
 */
export function createCanaryMatcher(canaries: readonly CanaryText[]): CanaryMatcher {
  return new RollingMatcher(canaries);
}
