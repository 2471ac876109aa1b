/**
 * Sigma's string values: `*` any text, `?` one character, backslash escapes a wildcard or itself
 * and is plain anywhere else (Sigma 2.1.0, "Escape Character").
 */

/** A literal, or a wildcard: `any` is `*`, `one` is `?`. */
export type PatternPart = { readonly literal: string } | 'any' | 'one';

/** Where the value may stand in the field: the modifiers contains, startswith and endswith. */
export type PatternShape = 'whole' | 'contains' | 'startswith' | 'endswith';

/** Splits a value as written in a rule; `''` gives no parts. Neighbouring `*` count as one. */
export function parsePattern(value: string): PatternPart[] {
  const parts: PatternPart[] = [];
  let literal = '';
  const flush = () => {
    if (literal !== '') parts.push({ literal });
    literal = '';
  };
  for (let at = 0; at < value.length; at += 1) {
    const char = value.charAt(at);
    const next = value.charAt(at + 1);
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      at += 1;
    } else if (char === '*' || char === '?') {
      flush();
      if (char === '?') parts.push('one');
      else if (parts.at(-1) !== 'any') parts.push('any');
    } else {
      literal += char;
    }
  }
  flush();
  return parts;
}

/** The text a value stands for, or null when it has wildcards and so stands for many. */
export function literalOf(parts: readonly PatternPart[]): string | null {
  let text = '';
  for (const part of parts) {
    if (part === 'any' || part === 'one') return null;
    text += part.literal;
  }
  return text;
}

/** Parts with the wildcards that a shape stands for put around them. */
export function shapeParts(parts: readonly PatternPart[], shape: PatternShape): PatternPart[] {
  const shaped = [...parts];
  if ((shape === 'contains' || shape === 'endswith') && shaped[0] !== 'any') shaped.unshift('any');
  if ((shape === 'contains' || shape === 'startswith') && shaped.at(-1) !== 'any') {
    shaped.push('any');
  }
  return shaped;
}

/** A literal or a `?` in the run between two `*`. */
type Piece = { readonly text: string } | { readonly skip: true };

/**
 * Compiles parts to a test over text that has been folded the same way (`fold`, for example to
 * lower case). The common shapes become one native call; the rest is matched segment by segment,
 * each at its leftmost place, which needs no backtracking and so no time beyond text × pattern.
 */
export function compilePattern(
  parts: readonly PatternPart[],
  fold: (text: string) => string,
): (text: string) => boolean {
  const folded = parts.map((part) =>
    typeof part === 'string' ? part : { literal: fold(part.literal) },
  );
  const [first, second, third] = folded;
  if (first === undefined) return (text) => text === '';
  if (typeof first !== 'string') {
    const literal = first.literal;
    if (folded.length === 1) return (text) => text === literal;
    if (folded.length === 2 && second === 'any') return (text) => text.startsWith(literal);
  }
  if (first === 'any') {
    if (folded.length === 1) return () => true;
    if (second !== undefined && typeof second !== 'string') {
      const literal = second.literal;
      if (folded.length === 2) return (text) => text.endsWith(literal);
      if (folded.length === 3 && third === 'any') return (text) => text.includes(literal);
    }
  }
  return compileSegments(folded);
}

function compileSegments(parts: readonly PatternPart[]): (text: string) => boolean {
  const segments: Piece[][] = [[]];
  for (const part of parts) {
    if (part === 'any') segments.push([]);
    else segments.at(-1)?.push(part === 'one' ? { skip: true } : { text: part.literal });
  }
  const head = segments[0] ?? [];
  if (segments.length === 1) return (text) => matchAt(text, 0, head) === text.length;
  const tail = segments.at(-1) ?? [];
  const middle = segments.slice(1, -1);
  return (text) => {
    let at = matchAt(text, 0, head);
    for (const segment of middle) {
      if (at === -1) return false;
      at = findSegment(text, at, segment);
    }
    return at !== -1 && endsWithSegment(text, at, tail);
  };
}

/** Length of the character at `at`: two units for a surrogate pair, so that `?` is one character. */
function charUnits(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** The position after `pieces` when they stand exactly at `at`, else -1. */
function matchAt(text: string, at: number, pieces: readonly Piece[]): number {
  let end = at;
  for (const piece of pieces) {
    if ('text' in piece) {
      if (!text.startsWith(piece.text, end)) return -1;
      end += piece.text.length;
    } else {
      if (end >= text.length) return -1;
      end += charUnits(text, end);
    }
  }
  return end;
}

/** The position after the leftmost place at or after `from` where `pieces` stand, else -1. */
function findSegment(text: string, from: number, pieces: readonly Piece[]): number {
  const first = pieces[0];
  for (let at = from; at <= text.length; at += 1) {
    if (first !== undefined && 'text' in first) {
      at = text.indexOf(first.text, at);
      if (at === -1) return -1;
    }
    const end = matchAt(text, at, pieces);
    if (end !== -1) return end;
  }
  return -1;
}

/** True when the text ends with `pieces`, starting nowhere before `from`. */
function endsWithSegment(text: string, from: number, pieces: readonly Piece[]): boolean {
  let start = text.length;
  for (const piece of pieces.toReversed()) {
    if ('text' in piece) {
      start -= piece.text.length;
    } else {
      const isPair = start >= 2 && charUnits(text, start - 2) === 2;
      start -= isPair ? 2 : 1;
    }
  }
  return start >= from && matchAt(text, start, pieces) === text.length;
}
