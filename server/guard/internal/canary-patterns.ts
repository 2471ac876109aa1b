import type { CanaryForm, CanaryText } from '#server/guard/contract.ts';
import { dropSeparators, foldDisguised, makeFolded } from './fold-disguised.ts';

/** One spelling of a canary that is looked for. */
export interface CanaryPattern {
  readonly canary: CanaryText;
  readonly form: CanaryForm;
  /** Folded, as the texts are. */
  readonly units: Uint16Array;
  /** Without separators; looked for where letters stand alone between some, and only there. */
  readonly isBare: boolean;
}

function foldedUnits(text: string, isBare: boolean): Uint16Array {
  const folded = foldDisguised(text, makeFolded(64));
  const { units, length } = isBare ? dropSeparators(folded, makeFolded(64)) : folded;
  return units.slice(0, length);
}

/** What base64 shows of `bytes` at any of its three alignments: the edges mix with the neighbours. */
export function base64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const skip = shift === 0 ? 0 : shift + 1;
    const cut = (shift + bytes.length) % 3 === 0 ? 0 : 1;
    return encoded.slice(skip, encoded.length - cut);
  });
}

const backwards = (text: string): string => Array.from(text).reverse().join('');

/** Forms have a `+` for a blank (application/x-www-form-urlencoded); `%xx` the fold reads itself. */
const asInForms = (text: string): string => text.trim().replace(/\s/g, '+');

/**
 * All spellings of a canary of at least `charsMin` characters; shorter ones turn up by chance. Small
 * and capital spellings are there for the Greek letters whose two cases resemble different Latin ones.
 */
export function patternsOf(canary: CanaryText, charsMin: number): CanaryPattern[] {
  const { text } = canary;
  const bytes = Buffer.from(text, 'utf8');
  const encoded = base64Cores(bytes);
  const spellings: readonly (readonly [CanaryForm, string, boolean?])[] = [
    ['plain', text],
    ['plain', text.toLowerCase()],
    ['plain', text.toUpperCase()],
    ...encoded.map((core) => ['base64', core] as const),
    ...encoded.map((core) => ['base64', core.replaceAll('+', '-').replaceAll('/', '_')] as const),
    ['hex', bytes.toString('hex')],
    ['url_encoded', asInForms(text)],
    ['reversed', backwards(text)],
    ['plain', text, true],
    ['reversed', backwards(text), true],
  ];
  const seen = new Set<string>();
  return spellings.flatMap(([form, spelling, isBare = false]) => {
    const units = foldedUnits(spelling, isBare);
    const key = `${isBare} ${units.join(',')}`;
    if (units.length < charsMin || seen.has(key)) return [];
    seen.add(key);
    return [{ canary, form, units, isBare }];
  });
}
