/** A text as it is compared: lower case, blanks run together, nothing invisible. */
export interface FoldedText {
  readonly folded: string;
  /** For each code unit of `folded` the offset of its character in the text it was made of. */
  readonly offsets: Int32Array;
  readonly length: number;
}

const invisible = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/;

/** Folds a text; offsets lead back to it. */
export function fold(text: string): FoldedText {
  const offsets = new Int32Array(text.length);
  let folded = '';
  let wasBlank = true;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    const code = text.charCodeAt(at);
    const isBlank = code <= 32 || code === 0xa0 || (code > 127 && /\s/.test(char));
    if (isBlank ? wasBlank : code > 127 && invisible.test(char)) continue;
    wasBlank = isBlank;
    const lower = isBlank ? ' ' : char.toLowerCase();
    offsets[folded.length] = at;
    // `İ` becomes two code units: kept as it is, so that offsets stay one to one.
    folded += lower.length === 1 ? lower : char;
  }
  return { folded, offsets, length: text.length };
}

const isWordUnit = (text: string, at: number): boolean => /[\p{L}\p{N}_]/u.test(text.charAt(at));

/**
 * Where a folded stretch stands in a text, not inside of words: in UTF-16 code units of the text that
 * was folded. Null when it does not.
 */
export function findWhole(
  { folded, offsets }: FoldedText,
  wanted: string,
): { readonly start: number; readonly end: number } | null {
  const last = wanted.length - 1;
  if (last < 0) return null;
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) {
    const isCutBefore = at > 0 && isWordUnit(wanted, 0) && isWordUnit(folded, at - 1);
    const after = at + wanted.length;
    const isCutAfter =
      after < folded.length && isWordUnit(wanted, last) && isWordUnit(folded, after);
    if (isCutBefore || isCutAfter) continue;
    return { start: offsets[at] ?? 0, end: (offsets[at + last] ?? 0) + 1 };
  }
  return null;
}

/** So many words in a row are copied, not written twice. */
const passageWords = 6;
const passageCharsMin = 24;

export interface Passage {
  /** Folded. */
  readonly words: string;
  /** UTF-16 code units of the text that was folded. */
  readonly start: number;
  readonly end: number;
}

/** Every run of six words, from the first word to the last; whoever asks stops. */
export function* passagesOf({ folded, offsets }: FoldedText): Generator<Passage> {
  const words = [...folded.matchAll(/[^ ]+/g)];
  for (let index = 0; index + passageWords <= words.length; index += 1) {
    const first = words[index];
    const final = words[index + passageWords - 1];
    if (!first || !final) return;
    const end = final.index + final[0].length;
    if (end - first.index < passageCharsMin) continue;
    yield {
      words: folded.slice(first.index, end),
      start: offsets[first.index] ?? 0,
      end: (offsets[end - 1] ?? 0) + 1,
    };
  }
}
