/** A run of characters that show what they are, or one code point that does not. */
export type UntrustedToken =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'chip';
      readonly codePoint: number;
      /** How many of them stand in a row; always 1 where the run is shorter than four. */
      readonly count: number;
      /** A line of the original ends here. */
      readonly isBreak: boolean;
    };

/**
 * Everything that is invisible, moves other text about, or passes for a plain space: categories Cc,
 * Cf, Co, Cn, Cs, Zl, Zp, every variation selector, every tag, and every space but U+0020.
 */
const hidden =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}\u{E0000}-\u{E007F}]|(?! )\p{Zs}/gu;

const lineBreaks: ReadonlySet<number> = new Set([0x0a, 0x0d, 0x85, 0x2028, 0x2029]);
/** From so many on, equal chips are drawn once with their count; ten thousand newlines take a line. */
const runCountMin = 4;

/** The name of a chip: `U+202E`, at least four digits. */
export function chipName(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * Splits text that somebody else wrote into what may be drawn as it is and what must be drawn as a
 * chip. Joining the tokens again gives the text back exactly ({@link joinUntrustedTokens}). Pure; the
 * caller bounds the length ({@link cutUntrustedText}).
 */
export function splitUntrustedText(text: string): readonly UntrustedToken[] {
  const tokens: UntrustedToken[] = [];
  let end = 0;
  for (const match of text.matchAll(hidden)) {
    if (match.index > end) tokens.push({ kind: 'text', text: text.slice(end, match.index) });
    end = match.index + match[0].length;
    const codePoint = match[0].codePointAt(0) ?? 0;
    // A carriage return before a line feed leaves the break to it.
    const isBreak = lineBreaks.has(codePoint) && !(codePoint === 0x0d && text[end] === '\n');
    tokens.push({ kind: 'chip', codePoint, count: 1, isBreak });
  }
  if (end < text.length) tokens.push({ kind: 'text', text: text.slice(end) });
  return foldRuns(tokens);
}

function foldRuns(tokens: readonly UntrustedToken[]): readonly UntrustedToken[] {
  const folded: UntrustedToken[] = [];
  let start = 0;
  while (start < tokens.length) {
    const first = tokens[start];
    if (first === undefined) break;
    let end = start + 1;
    if (first.kind === 'chip') {
      for (; end < tokens.length; end += 1) {
        const next = tokens[end];
        if (next?.kind !== 'chip' || next.codePoint !== first.codePoint) break;
        if (next.isBreak !== first.isBreak) break;
      }
    }
    if (first.kind === 'chip' && end - start >= runCountMin) {
      folded.push({ ...first, count: end - start });
    } else {
      folded.push(...tokens.slice(start, end));
    }
    start = end;
  }
  return folded;
}

/** The text that {@link splitUntrustedText} was given. */
export function joinUntrustedTokens(tokens: readonly UntrustedToken[]): string {
  return tokens
    .map((token) =>
      token.kind === 'text'
        ? token.text
        : String.fromCodePoint(token.codePoint).repeat(token.count),
    )
    .join('');
}

/**
 * What a drawn chip stands for, read from its visible words alone: `U+000A×10,000` is ten thousand line
 * feeds. Null for words that are no chip's.
 */
export function readChip(words: string): string | null {
  const match = /^U\+([0-9A-F]{4,6})(?:×([0-9,]+))?$/.exec(words);
  if (match === null) return null;
  const codePoint = Number.parseInt(match[1] ?? '', 16);
  const count = match[2] === undefined ? 1 : Number(match[2].replaceAll(',', ''));
  return codePoint > 0x10ffff ? null : String.fromCodePoint(codePoint).repeat(count);
}

export interface UntrustedCut {
  readonly shown: string;
  /** Exactly what is not shown, so that the screen can say so. */
  readonly hiddenChars: number;
  readonly hiddenLines: number;
}

const anyBreak = /\r\n|[\n\r\u0085\u2028\u2029]/g;

/** Lines of a text: one more than its line breaks. */
export function countLines(text: string): number {
  return (text.match(anyBreak)?.length ?? 0) + 1;
}

/**
 * The beginning of a text: at most `linesMax` lines and `charsMax` UTF-16 units, never half of a
 * surrogate pair. `hiddenLines` counts lines not shown at all or only in part.
 */
export function cutUntrustedText(
  text: string,
  bounds: { readonly linesMax: number; readonly charsMax: number },
): UntrustedCut {
  let end = Math.min(text.length, bounds.charsMax);
  let lines = 1;
  for (const match of text.matchAll(anyBreak)) {
    const after = match.index + match[0].length;
    if (after > end) break;
    if (lines === bounds.linesMax) {
      end = Math.min(end, after);
      break;
    }
    lines += 1;
  }
  const last = text.charCodeAt(end - 1);
  const isPairCut = end < text.length && last >= 0xd800 && last <= 0xdbff;
  if (isPairCut && end > 1) end -= 1;
  const shown = text.slice(0, end);
  if (end === text.length) return { shown, hiddenChars: 0, hiddenLines: 0 };
  return { shown, hiddenChars: text.length - end, hiddenLines: countLines(text.slice(end)) };
}
