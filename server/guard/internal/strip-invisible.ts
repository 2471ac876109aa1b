/**
 * Characters without a glyph that can stand inside a word without being seen: zero-width spaces and
 * joiners, soft hyphen, word joiner, byte order mark, bidi controls, Unicode tags and variation
 * selectors. U+200C and U+200D are letters' companions in several scripts, so their presence alone
 * means nothing; between ASCII characters they mean evasion.
 */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

export interface StrippedText {
  readonly text: string;
  /** Offset in the original of each UTF-16 unit of `text`. */
  readonly offsets: Uint32Array;
}

/** The text without its invisible characters, or null when it has none. Linear. */
export function stripInvisible(text: string): StrippedText | null {
  invisible.lastIndex = 0;
  let match = invisible.exec(text);
  if (match === null) return null;
  const offsets = new Uint32Array(text.length);
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  const keep = (to: number): void => {
    parts.push(text.slice(from, to));
    for (let at = from; at < to; at += 1) {
      offsets[length] = at;
      length += 1;
    }
  };
  for (; match !== null; match = invisible.exec(text)) {
    keep(match.index);
    from = match.index + match[0].length;
  }
  keep(text.length);
  return { text: parts.join(''), offsets };
}
